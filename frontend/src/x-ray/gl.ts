import type { Frame } from "./frame";
import type { Curve, Painter } from "./painters";
import type { Level, Pixels } from "./pyramid";
import { FRAGMENT, VERTEX } from "./shader";

const UNIFORMS = [
  "level", "curve", "curved", "toX", "toY", "height", "low", "span", "inverted", "lens",
] as const;
const NOWHERE = [-1e6, -1e6, 0, 1] as const;
const LEVEL_UNIT = 0;
const CURVE_UNIT = 1;
const CURVE_SIDE = 256;

type Uniforms = Readonly<Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>>;

/**
 * Paints values on a canvas of its own. They are sent to the graphics processor once; a step of
 * window, zoom or place is a handful of numbers. Throws where there is no WebGL2.
 */
export class GlPainter implements Painter {
  readonly canvas = document.createElement("canvas");
  readonly isSlow: boolean;
  readonly isBusy = false;
  readonly #gl: WebGL2RenderingContext;
  readonly #uniforms: Uniforms;
  readonly #curve: WebGLTexture;
  #levels: WebGLTexture[] = [];
  #given: Curve;

  /** `lost` is called when the graphics processor gives up. */
  constructor(lost: () => void) {
    const gl = this.canvas.getContext("webgl2", { alpha: false, antialias: false, depth: false });
    if (!gl) throw new Error("no WebGL2");
    this.#gl = gl;
    this.isSlow = isSoftware(gl);
    const program = built(gl);
    gl.useProgram(program);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    this.#uniforms = Object.fromEntries(
      UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)])) as Uniforms;
    gl.uniform1i(this.#uniforms.level, LEVEL_UNIT);
    gl.uniform1i(this.#uniforms.curve, CURVE_UNIT);
    this.#curve = this.#texture(CURVE_UNIT, { width: 1, height: 1, values: new Uint16Array(1) });
    this.canvas.addEventListener("webglcontextlost", lost);
  }

  /** Whether the graphics processor can hold an image of this size. */
  holds({ width, height }: { readonly width: number; readonly height: number }): boolean {
    const { MAX_TEXTURE_SIZE } = this.#gl;
    return Math.max(width, height) <= (this.#gl.getParameter(MAX_TEXTURE_SIZE) as number);
  }

  load({ levels }: Pixels): void {
    for (const texture of this.#levels) this.#gl.deleteTexture(texture);
    this.#levels = levels.map((level) => this.#texture(LEVEL_UNIT, level));
  }

  get curve(): Curve {
    return this.#given;
  }

  /** From values to values; undefined leaves them as they are. */
  set curve(curve: Curve) {
    if (curve === this.#given) return;
    this.#given = curve;
    if (!curve) return;
    const gl = this.#gl;
    gl.activeTexture(gl.TEXTURE0 + CURVE_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#curve);
    send(gl, { width: CURVE_SIDE, height: CURVE_SIDE, values: curve });
  }

  paint(frame: Frame): void {
    const gl = this.#gl;
    if (this.canvas.width !== frame.width) this.canvas.width = frame.width;
    if (this.canvas.height !== frame.height) this.canvas.height = frame.height;
    gl.viewport(0, 0, frame.width, frame.height);
    gl.activeTexture(gl.TEXTURE0 + LEVEL_UNIT);
    gl.bindTexture(gl.TEXTURE_2D, this.#levels[frame.level] ?? null);
    this.#set(frame);
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  #set({ toLevel: [a, b, c, d, e, f], height, low, span, inverted, lens }: Frame): void {
    const [gl, to] = [this.#gl, this.#uniforms];
    const glass = lens ? [lens.x, lens.y, lens.radius, lens.power] : NOWHERE;
    gl.uniform3f(to.toX, a, c, e);
    gl.uniform3f(to.toY, b, d, f);
    gl.uniform1f(to.height, height);
    gl.uniform1f(to.low, low);
    gl.uniform1f(to.span, span);
    gl.uniform1i(to.inverted, Number(inverted));
    gl.uniform1i(to.curved, Number(this.#given !== undefined));
    gl.uniform4fv(to.lens, glass);
  }

  #texture(unit: number, level: Level): WebGLTexture {
    const gl = this.#gl;
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    // Whole numbers are never blended by the sampler; the shader does it.
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
    send(gl, level);
    return texture;
  }
}

function send(gl: WebGL2RenderingContext, { width, height, values }: Level): void {
  const [inside, type] = values instanceof Uint8Array
    ? [gl.R8UI, gl.UNSIGNED_BYTE] : [gl.R16UI, gl.UNSIGNED_SHORT];
  gl.texImage2D(gl.TEXTURE_2D, 0, inside, width, height, 0, gl.RED_INTEGER, type, values);
}

function built(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(type);
    if (!shader) throw new Error("no WebGL2 shader");
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program) ?? "no WebGL2 program");
  }
  return program;
}

/** Whether the processor itself draws. */
function isSoftware(gl: WebGL2RenderingContext): boolean {
  const details = gl.getExtension("WEBGL_debug_renderer_info");
  const name: unknown = gl.getParameter(details ? details.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
  return /swiftshader|llvmpipe|software|basic render/i.test(String(name));
}
