import { useEffect, useState, type KeyboardEvent, type MouseEvent } from 'react';

/** A second press that comes sooner was not meant as one. */
const TOO_SOON_MS = 400;

const ignoreHeld = (event: KeyboardEvent): void => {
  if (event.repeat) event.preventDefault();
};

/** False at first, true from a moment after it began. */
function useIsLater(hasBegun: boolean): boolean {
  const [isLater, setLater] = useState(false);
  useEffect(() => {
    if (!hasBegun) return;
    const timer = setTimeout(() => setLater(true), TOO_SOON_MS);
    return () => {
      clearTimeout(timer);
      setLater(false);
    };
  }, [hasBegun]);
  return isLater;
}

/** For a button that appears with a first press: the rest of a double click or of a held key is no second one. */
export function useSecondPress(act: () => void) {
  const isReady = useIsLater(true);
  return {
    'aria-disabled': !isReady,
    onKeyDown: ignoreHeld,
    onClick: ({ detail }: MouseEvent): void => {
      if (isReady && detail < 2) act();
    },
  };
}

/** For a button that takes a second press in the same place. It keeps the focus meanwhile: who looks elsewhere leaves it. */
export function useTwoPresses(act: () => void, isNeeded: boolean) {
  const [isArmed, setArmed] = useState(false);
  const isReady = useIsLater(isArmed);
  return {
    isArmed,
    handlers: {
      'aria-disabled': isArmed && !isReady,
      onBlur: () => setArmed(false),
      onKeyDown: ignoreHeld,
      onClick: ({ detail }: MouseEvent): void => {
        if (isNeeded && !isArmed) setArmed(true);
        else if (!isNeeded || (isReady && detail < 2)) {
          setArmed(false);
          act();
        }
      },
    },
  };
}
