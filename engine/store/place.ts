/** Where a store lies. */

/** Windows' two store locations (wincrypt.h, CERT_SYSTEM_STORE_CURRENT_USER and CERT_SYSTEM_STORE_LOCAL_MACHINE). */
export type StoreLocation = 'CurrentUser' | 'LocalMachine';

/**
 * `Folder`: in a folder that holds SystemCertificates, on any system. `System`: Windows' own stores (crypt32), which other systems
 * don't have. `DotNet`: .NET's X509Store, on any system that has .NET.
 */
export type StorePlace =
  | { readonly kind: 'Folder'; readonly path: string }
  | { readonly kind: 'System'; readonly location: StoreLocation }
  | { readonly kind: 'DotNet'; readonly location: StoreLocation };
