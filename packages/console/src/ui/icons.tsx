const PATHS = {
  inbox: 'M3 13h5l1.5 3h5L16 13h5M5 5h14l2 8v6H3v-6z',
  attention: 'M12 4 2.5 20h19zM12 10v4m0 3v.01',
  runs: 'M4 6h16M4 12h16M4 18h10',
  new: 'M12 5v14M5 12h14',
  insights: 'M4 20h16M7 16v-5m5 5V5m5 11V9',
  schedules: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4v5l3.5 2',
  tools: 'M14.5 6.5a4 4 0 0 1 5-1L17 8l1.5 1.5L21 7a4 4 0 0 1-5.5 5L7 20.5 3.5 17 12 8.5a4 4 0 0 1 2.5-2z',
  status: 'M3 12h4l2.5-6 5 12 2.5-6h4',
  more: 'M4 12a1 1 0 1 0 2 0 1 1 0 1 0-2 0m7 0a1 1 0 1 0 2 0 1 1 0 1 0-2 0m7 0a1 1 0 1 0 2 0 1 1 0 1 0-2 0',
} as const;

export const Icon = ({ name }: { readonly name: keyof typeof PATHS }) => (
  <svg
    viewBox="0 0 24 24"
    width="20"
    height="20"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.8"
    strokeLinejoin="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
);
