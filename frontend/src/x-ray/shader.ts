/** Draws one triangle over everything; the work is done for each pixel below. */
export const VERTEX = `#version 300 es
void main() {
  vec2 corner = vec2(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0);
  gl_Position = vec4(corner, 0.0, 1.0);
}`;

/** From a pixel to a point of the level, to its value, through curve and window to a grey. */
export const FRAGMENT = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
uniform usampler2D level;
uniform usampler2D curve;
uniform bool curved;
uniform vec3 toX;
uniform vec3 toY;
uniform float height;
uniform float low;
uniform float span;
uniform bool inverted;
uniform vec4 lens;
out vec4 colour;

float valueAt(ivec2 at, ivec2 last) {
  return float(texelFetch(level, clamp(at, ivec2(0), last), 0).r);
}

float smoothed(vec2 at, ivec2 last) {
  vec2 corner = floor(at - 0.5);
  vec2 share = at - 0.5 - corner;
  ivec2 from = ivec2(corner);
  if (share == vec2(0.0)) return valueAt(from, last);
  float above = mix(valueAt(from, last), valueAt(from + ivec2(1, 0), last), share.x);
  float below = mix(valueAt(from + ivec2(0, 1), last), valueAt(from + ivec2(1, 1), last), share.x);
  return mix(above, below, share.y);
}

void main() {
  vec2 at = vec2(gl_FragCoord.x, height - gl_FragCoord.y);
  if (distance(at, lens.xy) < lens.z) at = lens.xy + (at - lens.xy) / lens.w;
  vec2 point = vec2(dot(toX, vec3(at, 1.0)), dot(toY, vec3(at, 1.0)));
  ivec2 size = textureSize(level, 0);
  colour = vec4(0.0, 0.0, 0.0, 1.0);
  if (any(lessThan(point, vec2(0.0))) || any(greaterThan(point, vec2(size)))) return;
  float value = smoothed(point, size - 1);
  if (curved) {
    int entry = int(value + 0.5);
    value = float(texelFetch(curve, ivec2(entry & 255, entry >> 8), 0).r);
  }
  float share = clamp((value - low) / span, 0.0, 1.0);
  colour.rgb = vec3(inverted ? 1.0 - share : share);
}`;
