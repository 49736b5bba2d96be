import { useState } from 'react';
import form from './form.module.css';

interface Given {
  readonly words: string;
  /** What it says when the next press does it. */
  readonly sure: string;
  readonly isOff: boolean;
  readonly act: () => void;
}

/** A button for what cannot be taken back: the second press does it, and a double click is one press. */
export function PressTwice({ words, sure, isOff, act }: Given) {
  const [isArmed, setArmed] = useState(false);
  return (
    <button
      type="button"
      className={isArmed ? form.armed : undefined}
      disabled={isOff}
      onBlur={() => setArmed(false)}
      onClick={({ detail }) => {
        if (!isArmed) setArmed(true);
        else if (detail < 2) {
          setArmed(false);
          act();
        }
      }}
    >
      {isArmed ? sure : words}
    </button>
  );
}
