import type { Level } from "./pyramid";

/**
 * The lossless format that imaging/render.py writes: "OVRG", then bits, width and height as
 * little-endian 32-bit numbers, then a zlib stream of differences to the left neighbour.
 */

const MAGIC = 0x4752564f;
const HEADER = 16;

export function isPlanes(data: ArrayBuffer): boolean {
  return data.byteLength > HEADER && new DataView(data).getUint32(0, true) === MAGIC;
}

/** Rejects where the data is cut short or says another size than it holds. */
export async function readPlanes(data: ArrayBuffer): Promise<Level> {
  const [bits, width, height] = new Uint32Array(data, 4, 3) as unknown as [number, number, number];
  const steps = await inflated(new Uint8Array(data, HEADER));
  if (steps.length !== (width * height * bits) / 8) throw new Error("the image is cut short");
  const values = bits === 8 ? summed(steps, width) : unfolded(steps, width);
  return { width, height, values };
}

async function inflated(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function summed(steps: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  for (let at = 0; at < steps.length; at += width) {
    for (let x = at + 1; x < at + width; x += 1) {
      steps[x] = (steps[x] as number) + (steps[x - 1] as number);
    }
  }
  return steps;
}

/** High bytes, then low bytes, of signed steps that were folded to 0, -1, 1, -2 … */
function unfolded(steps: Uint8Array, width: number): Uint16Array<ArrayBuffer> {
  const count = steps.length / 2;
  const values = new Uint16Array(count);
  for (let at = 0; at < count; at += width) {
    let value = 0;
    for (let x = at; x < at + width; x += 1) {
      const folded = ((steps[x] as number) << 8) | (steps[x + count] as number);
      value = (value + ((folded >> 1) ^ -(folded & 1))) & 0xffff;
      values[x] = value;
    }
  }
  return values;
}
