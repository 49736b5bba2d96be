const PATHS = {
  inbox: 'M3 13h5l1.5 3h5L16 13h5M5 5h14l2 8v6H3v-6z',
  attention: 'M12 4 2.5 20h19zM12 10v4m0 3v.01',
  runs: 'M4 6h16M4 12h16M4 18h10',
  new: 'M12 5v14M5 12h14',
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
