/** Line icons, drawn on a 20 × 20 grid in the colour of the text around them. */

const PATHS = {
  adjust: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM10 3v14M13 5v10M15.4 7.4v5.2",
  zoomIn: "M10 4v12M4 10h12",
  zoomOut: "M4 10h12",
  fit: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  invert: "M4 4h12v12H4zM4 16L16 4M9 16l7-7M13 16l3-3",
  preset: "M4 16h12M4 16V4M6 14l3-5l3 2l4-6",
  equalise: "M4 16V9M8 16V5M12 16V8M16 16V4",
  glass: "M8.5 3.5a5 5 0 1 0 0 10a5 5 0 0 0 0-10zM12.2 12.2L17 17M8.5 6v5M6 8.5h5",
  ruler: "M3 13L13 3l4 4L7 17zM6 10l1.5 1.5M8.5 7.5L10 9M11 5l1.5 1.5",
  turnLeft: "M4 8a6.5 6.5 0 1 1 1 6M4 3.5V8h4.5",
  turnRight: "M16 8a6.5 6.5 0 1 0-1 6M16 3.5V8h-4.5",
  mirror: "M10 3v14M7 6L3 14h4zM13 6l4 8h-4z",
  reset: "M5 7a6.2 6.2 0 1 1-1 4M5 3v4h4",
  brightness: "M10 7a3 3 0 1 0 0 6a3 3 0 0 0 0-6zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2"
    + "M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4",
  contrast: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM10 3v14M10 6.5h4.8M10 10h6.8M10 13.5h4.8",
  check: "M4.5 10.5l3.5 3.5l7.5-8",
  cross: "M5 5l10 10M15 5L5 15",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
} as const;

export type IconName = keyof typeof PATHS;

const SVG = "http://www.w3.org/2000/svg";

/** A decorative icon: the text beside it, or the button's label, says what it means. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}
