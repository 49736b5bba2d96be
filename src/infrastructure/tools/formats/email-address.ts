/** RFC 5322's dot-atom as it is used, at a domain whose last label may be an internationalised one (RFC 5890: `xn--…`). */
export const EMAIL_ADDRESS =
  /^[A-Za-z0-9_'+-]+(?:\.[A-Za-z0-9_'+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+(?:[A-Za-z]{2,}|[Xx][Nn]--[A-Za-z0-9-]*[A-Za-z0-9])$/;

export const MAX_ADDRESS_LENGTH = 254;
