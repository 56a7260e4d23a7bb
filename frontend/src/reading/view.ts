/** One of the things that the panel beside the image can show. */
export interface PanelView {
  readonly element: HTMLElement;
  /** Called once the view is on the page. */
  open(): void;
  /** Called before another view takes its place. */
  close(): void;
  /** Does what a key asks; false where it asks nothing of this view. */
  press(event: KeyboardEvent): boolean;
}
