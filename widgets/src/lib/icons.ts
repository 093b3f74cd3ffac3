/** Line icons drawn on a 24×24 grid, inline so that nothing is fetched. */

const SHAPES = {
  camera: '<path d="M4 8h3l1.6-2.4h6.8L17 8h3a1.5 1.5 0 0 1 1.5 1.5v8.2a1.5 1.5 0 0 1-1.5 1.5H4a1.5 1.5 0 0 1-1.5-1.5V9.500A1.5 1.5 0 0 1 4 8z"/><circle cx="12" cy="13.3" r="3.4"/>',
  record: '<circle cx="12" cy="12" r="8.5"/><circle cx="12" cy="12" r="4" fill="currentColor" stroke="none"/>',
  stop: '<rect x="6.5" y="6.5" width="11" height="11" rx="2" fill="currentColor" stroke="none"/>',
  timer: '<circle cx="12" cy="13.5" r="7.5"/><path d="M12 9.500v4l2.6 1.600M9.5 2.800h5"/>',
  play: '<path d="M7.5 5.200v13.600L18.8 12z" fill="currentColor" stroke-linejoin="round"/>',
  analyse: '<path d="M3 12h4l2.5-7 5 14 2.5-7h4"/>',
  layers: '<path d="M12 3.5 21 8.300l-9 4.8-9-4.800zM3.5 12.5 12 17l8.5-4.500M3.5 16.5 12 21l8.5-4.5"/>',
  sliders: '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>',
  trash: '<path d="M4.5 6.500h15M9.5 6V4h5v2M6.5 6.500l.8 13h9.400l.8-13M10 10.500v5.500M14 10.500v5.5"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  refresh: '<path d="M20 11.500a8 8 0 1 0-1.6 5.300M20.5 5v6.500H14"/>',
  check: '<path d="m5 12.5 4.5 4.500L19.5 7"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
  left: '<path d="m14.5 5-7 7 7 7"/>',
  right: '<path d="m9.5 5 7 7-7 7"/>',
  down: '<path d="m5 9.5 7 7 7-7"/>',
  search: '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5"/>',
  filter: '<path d="M3.5 5.500h17l-6.5 7.800v5.200l-4 2v-7.200z"/>',
  grid: '<rect x="3.5" y="3.5" width="7" height="7" rx="1.5"/><rect x="13.5" y="3.5" width="7" height="7" rx="1.5"/><rect x="3.5" y="13.5" width="7" height="7" rx="1.5"/><rect x="13.5" y="13.5" width="7" height="7" rx="1.5"/>',
  strip: '<rect x="8" y="6.5" width="8" height="11" rx="1.5"/><path d="M4.5 8v8M19.5 8v8"/>',
  gallery: '<rect x="3" y="4" width="18" height="16" rx="2"/><circle cx="8.5" cy="9.5" r="1.8"/><path d="m4 18 5.5-5 3.5 3 3.5-3.5 4 4"/>',
  film: '<rect x="3" y="4.5" width="18" height="15" rx="2"/><path d="M7.5 4.500v15M16.5 4.500v15M3 9.500h4.500M3 14.500h4.500M16.5 9.500H21M16.5 14.500H21"/>',
  send: '<path d="M12 16V5M7.5 9.5 12 5l4.5 4.500M4 15.500v3a1.5 1.5 0 0 0 1.5 1.500h13a1.5 1.5 0 0 0 1.5-1.500v-3"/>',
  download: '<path d="M12 4v11M7.5 10.5 12 15l4.5-4.500M4 15.500v3a1.5 1.5 0 0 0 1.5 1.500h13a1.5 1.5 0 0 0 1.5-1.500v-3"/>',
  tag: '<path d="M3.5 4.500v7l9 9 8-8-9-9h-7z"/><circle cx="8" cy="8.5" r="1.4"/>',
  copy: '<rect x="8.5" y="8.5" width="11.5" height="11.5" rx="2"/><path d="M15.5 8.500V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.500a2 2 0 0 0 2 2h2.5"/>',
  zoomIn: '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5M10.5 7.800v5.400M7.8 10.500h5.4"/>',
  zoomOut: '<circle cx="10.5" cy="10.5" r="6.5"/><path d="m15.5 15.5 5 5M7.8 10.500h5.4"/>',
  fit: '<path d="M4 9V5.500A1.5 1.5 0 0 1 5.5 4H9M15 4h3.500A1.5 1.5 0 0 1 20 5.500V9M20 15v3.500a1.5 1.5 0 0 1-1.5 1.500H15M9 20H5.500A1.5 1.5 0 0 1 4 18.500V15"/>',
  log: '<rect x="3" y="4" width="18" height="16" rx="2"/><path d="m7 9 3 3-3 3M12.5 15.500H17"/>',
  menu: '<rect x="3.5" y="4.5" width="17" height="15" rx="2"/><path d="M9.5 4.500v15"/>',
  globe: '<circle cx="12" cy="12" r="8.5"/><path d="M3.5 12h17M12 3.500c5.3 5 5.3 12 0 17M12 3.500c-5.3 5-5.3 12 0 17"/>',
  sound: '<path d="M3.5 12h1M7 8.500v7M10.5 5v14M14 8v8M17.5 10v4M20.5 12h.1"/>',
  hash: '<path d="M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16"/>',
  webcam: '<circle cx="12" cy="10" r="6.5"/><circle cx="12" cy="10" r="2.4"/><path d="M8.5 15.5 6.5 20h11l-2-4.5"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.7 0l3.5-3.500a4 4 0 0 0-5.7-5.700L12 6.300M14 10a4 4 0 0 0-5.7 0l-3.5 3.500a4 4 0 0 0 5.7 5.700l1.5-1.5"/>',
  leaf: '<path d="M5 19c0-9 5-13.5 15-14 .5 10-4 15-11.5 14.500M5 20c1-4.5 4-8 9-10"/>',
  note: '<path d="M5 4h14v11l-5 5H5zM14 20v-5h5M8.5 8.500h7M8.5 12h4"/>',
  info: '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.500M12 7.600v.1"/>',
  warning: '<path d="M12 4 2.8 19.500h18.400zM12 10v4.500M12 17v.1"/>',
  sort: '<path d="M7.5 5v14M4 15.5 7.5 19l3.5-3.500M16.5 19V5M13 8.5 16.5 5 20 8.5"/>',
  pin: '<path d="M9 4h6l-.7 6 3.2 3.500h-11L9.7 10zM12 13.500V21"/>',
  pause: '<path d="M8 5.500v13M16 5.500v13" stroke-width="3.2"/>',
  loop: '<path d="M17 3.500 20.5 7 17 10.500M20 7H7.500A4 4 0 0 0 3.5 11v.500M7 20.5 3.5 17 7 13.500M4 17h12.500a4 4 0 0 0 4-4v-.5"/>',
  band: '<path d="M3 19.500h3.500c2 0 1.800-14 5.500-14s3.500 14 5.500 14H21"/>',
  hand: '<path d="M12 3v18M3 12h18M12 3 9.5 5.500M12 3l2.5 2.500M12 21l-2.500-2.500M12 21l2.500-2.500M3 12l2.500-2.500M3 12l2.500 2.500M21 12l-2.500-2.500M21 12l-2.500 2.5"/>',
  select: '<path d="M4 8V5.500A1.5 1.5 0 0 1 5.500 4H8M11 4h2M16 4h2.500A1.5 1.5 0 0 1 20 5.500V8M20 11v2M20 16v2.500a1.5 1.5 0 0 1-1.5 1.500H16M13 20h-2M8 20H5.500A1.5 1.5 0 0 1 4 18.500V16M4 13v-2"/>',
  draw: '<rect x="3.500" y="6" width="12" height="12" rx="1.5"/><path d="m12.500 14.500 7.500-7.500 2 2-7.500 7.500-2.500.5z" fill="none"/>',
  undo: '<path d="M8.500 5 4 9.500 8.500 14M4.500 9.500H15a5 5 0 0 1 0 10h-4"/>',
  redo: '<path d="M15.500 5 20 9.500 15.500 14M19.500 9.500H9a5 5 0 0 0 0 10h4"/>',
  compare: '<rect x="3.500" y="3.500" width="17" height="7" rx="1.5"/><rect x="3.500" y="13.500" width="17" height="7" rx="1.5"/>',
} as const;

export type IconName = keyof typeof SHAPES;

export function icon(name: IconName, size = 18): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor",
    "stroke-width": 1.7, "stroke-linecap": "round", "stroke-linejoin": "round",
    "aria-hidden": "true", focusable: "false",
  })) svg.setAttribute(key, String(value));
  svg.classList.add("ol-icon");
  svg.innerHTML = SHAPES[name];
  return svg;
}
