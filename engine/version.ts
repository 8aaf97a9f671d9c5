/** CertProp's version; package.json and the module's manifest say the same. */
export const version = '0.1.0';
