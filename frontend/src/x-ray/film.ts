import { fitting } from "./bitmaps";
import { pixelsAt } from "./deep";
import { greysOf, type Greys } from "./greys";
import type { Pixels } from "./pyramid";
import type { Size } from "./viewport";

/** The lossless rendition of an image, as the server offers it. */
export interface FullImage extends Size {
  readonly address: string;
  readonly greys?: Partial<Greys>;
}

/**
 * One image: a bitmap that is there at once, and its values, fetched when they are needed.
 *
 * Its size is that of the lossless rendition: the bitmap may have fewer pixels. Without one the
 * bitmap's own 8 bits are all there is.
 */
export class Film implements Size {
  readonly width: number;
  readonly height: number;
  readonly bitmap: ImageBitmap;
  readonly greys: Greys;
  readonly isLossless: boolean;
  readonly #preview: string;
  readonly #address: string;
  #pixels: Pixels | undefined;
  #failed = false;

  constructor(bitmap: ImageBitmap, address: string, full: FullImage | undefined) {
    this.bitmap = bitmap;
    this.width = full?.width ?? bitmap.width;
    this.height = full?.height ?? bitmap.height;
    this.greys = greysOf(full?.greys);
    this.isLossless = full !== undefined;
    this.#preview = address;
    this.#address = full?.address ?? address;
  }

  /** Undefined until they are fetched. */
  get pixels(): Pixels | undefined {
    return this.#pixels;
  }

  get hasFailed(): boolean {
    return this.#failed;
  }

  /** Pixels of the bitmap for one pixel of the image. */
  get share(): number {
    return this.bitmap.width / this.width;
  }

  /** The bitmap made smaller ahead of time to exactly this size, where there is one. */
  fitting(width: number, height: number): ImageBitmap | undefined {
    return fitting(this.#preview, width, height);
  }

  /** Fetches the values; false where that is not possible. */
  async develop(): Promise<boolean> {
    if (this.#pixels) return true;
    try {
      const pixels = await pixelsAt(this.#address);
      const { width, height } = pixels.levels[0] ?? { width: 0, height: 0 };
      if (width !== this.width || height !== this.height) throw new Error("another size");
      this.#pixels = pixels;
    } catch {
      this.#failed = true;
    }
    return this.#pixels !== undefined;
  }
}
