/** A setting that cannot be used: one line that names the variable and says what it takes. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
