/** On a narrow screen the strip of tabs is scrolled to the one that is open. */
const current = document.querySelector<HTMLElement>(".tabs [aria-current]");
current?.scrollIntoView({ block: "nearest", inline: "center" });

export {};
