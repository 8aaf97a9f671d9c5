/** With root's or an administrator's rights. */
export async function isElevated(): Promise<boolean> {
  if (process.platform !== 'win32') return process.geteuid?.() === 0;
  const { isAdministrator } = await import('./file-trust-windows.js');
  return isAdministrator();
}
