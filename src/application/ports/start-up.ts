/** How far the start of the engine has come. It listens even where the event store has not answered yet. */
export interface StartUp {
  /** Whether it takes requests: the event store has answered, and live timelines can be followed. */
  readonly isDone: boolean;
}

export const START_UP = Symbol('StartUp');
