/** The parts that must be there (`CERTPROP_REQUIRE=pcscd,pwsh`): a missing one fails instead of being skipped. */
export function isRequired(part: string): boolean {
  return (process.env.CERTPROP_REQUIRE ?? '')
    .split(',')
    .map((name) => name.trim())
    .includes(part);
}
