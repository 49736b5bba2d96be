import styles from './changed-mark.module.css';

/** Beside what an event changed. */
export const ChangedMark = () => <span className={styles.changed}>changed</span>;
