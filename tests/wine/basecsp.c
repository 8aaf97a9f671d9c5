/*
 * A double of the Base Smart Card Crypto Provider, which Wine's own advapi32 loads and calls: strict about how it is called, and hostile
 * on demand. The entry points are those of a CSP (Cryptographic Service Providers, CryptoSPI functions).
 */
#include <stddef.h>
#include "double.h"

#define EXPORT __declspec(dllexport)

_Static_assert(sizeof(HCRYPTPROV) == 8 && sizeof(HCRYPTKEY) == 8, "handles");
_Static_assert(sizeof(PUBLICKEYSTRUC) == 8, "BLOBHEADER");
_Static_assert(sizeof(RSAPUBKEY) == 12, "RSAPUBKEY");
_Static_assert(PP_ENUMCONTAINERS == 2 && PP_SMARTCARD_GUID == 45 && PP_USER_CERTSTORE == 42 && PP_ROOT_CERTSTORE == 46 && KP_CERTIFICATE == 26, "parameters");

typedef enum { FREE, OPENED, KEY } Kind;
typedef struct {
  Kind kind;
  int isEnumerating;
  int position;
  HCRYPTPROV context;
  Container *container;
  char reader[LONGEST_TEXT];
  char name[LONGEST_TEXT];
} Object;

static Object objects[MOST_HANDLES];

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance, (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) readFacts("CSP");
  return TRUE;
}

static BOOL fails(DWORD code) {
  SetLastError(code);
  return FALSE;
}

static Object *create(Kind kind) {
  for (int index = 0; index < MOST_HANDLES; index++)
    if (objects[index].kind == FREE) {
      memset(&objects[index], 0, sizeof objects[index]);
      objects[index].kind = kind;
      return &objects[index];
    }
  misuse("too many objects at a time");
  return NULL;
}

static Object *known(ULONG_PTR handle, Kind kind, const char *what) {
  for (int index = 0; index < MOST_HANDLES; index++)
    if ((ULONG_PTR)&objects[index] == handle && objects[index].kind == kind) return &objects[index];
  misuse(what);
  return NULL;
}

static Container *find(Object *context, DWORD keySpec) {
  for (int index = 0; index < containerCount; index++) {
    Container *container = &containers[index];
    const int isNamed = strcmp(container->reader, context->reader) == 0 && strcmp(container->name, context->name) == 0;
    if (isNamed && (keySpec == 0 || container->keySpec == keySpec)) return container;
  }
  return NULL;
}

EXPORT BOOL WINAPI CPAcquireContext(HCRYPTPROV *context, LPCSTR container, DWORD flags, PVOID table) {
  (void)table;
  demand(container != NULL && strlen(container) < LONGEST_TEXT, "no container, or one without an end");
  demand(flags == CRYPT_SILENT || flags == (CRYPT_VERIFYCONTEXT | CRYPT_SILENT), "CPAcquireContext with flags other than silent");
  Object *object = create(OPENED);
  splitName(container, object->reader, object->name);
  object->isEnumerating = flags != CRYPT_SILENT;
  demand((object->name[0] == 0) == object->isEnumerating, "a container's name belongs to a context that uses it");
  misbehave(object->reader);
  const int isThere = object->isEnumerating || find(object, 0) != NULL;
  if (behaves(object->reader, "unknown") || !isThere) {
    const DWORD code = isThere ? SCARD_E_UNKNOWN_CARD : NTE_BAD_KEYSET;
    object->kind = FREE;
    return fails(code);
  }
  *context = (HCRYPTPROV)object;
  note("opened");
  return TRUE;
}

EXPORT BOOL WINAPI CPReleaseContext(HCRYPTPROV context, DWORD flags) {
  Object *object = known(context, OPENED, "CPReleaseContext of what was never given, or is free already");
  demand(flags == 0, "CPReleaseContext with flags");
  for (int index = 0; index < MOST_HANDLES; index++)
    demand(objects[index].kind != KEY || objects[index].context != context, "a key is not destroyed when its context is released");
  endStores(context);
  object->kind = FREE;
  note("closed");
  return TRUE;
}

static BOOL give(const char *reader, BYTE *buffer, DWORD *length, const void *value, DWORD valueLength) {
  demand(buffer != NULL && length != NULL && *length > 0, "no buffer");
  if (value == NULL) return fails(NTE_NOT_FOUND);
  const int fits = fill(buffer, *length, value, valueLength);
  *length = behaves(reader, "long") ? *length + 1 : valueLength;
  return fits ? TRUE : fails(ERROR_MORE_DATA);
}

static int isRepeated(const Object *context, int position) {
  for (int index = 0; index < position; index++)
    if (strcmp(containers[index].reader, context->reader) == 0 && strcmp(containers[index].name, containers[position].name) == 0) return 1;
  return 0;
}

/* A container with two keys is one container. */
static BOOL nextName(Object *context, BYTE *buffer, DWORD *length, DWORD flags) {
  demand(flags == CRYPT_FIRST || flags == CRYPT_NEXT, "an enumeration with flags that nobody knows");
  demand((flags == CRYPT_FIRST) == (context->position == 0), "an enumeration that begins in its middle");
  int next = behaves(context->reader, "endless") ? 0 : context->position;
  while (next < containerCount && (strcmp(containers[next].reader, context->reader) != 0 || isRepeated(context, next))) next++;
  context->position = next + 1;
  if (next >= containerCount) return fails(ERROR_NO_MORE_ITEMS);
  const char *name = behaves(context->reader, "nameless") ? "" : containers[next].name;
  return give(context->reader, buffer, length, name, (DWORD)strlen(name) + 1);
}

static BOOL giveStoreOf(Object *context, DWORD parameter, BYTE *buffer, DWORD *length) {
  demand(context->isEnumerating, "a store of one container");
  demand(buffer != NULL && length != NULL && *length == sizeof(HCERTSTORE), "no room for a handle");
  if (behaves(context->reader, "store-refused")) return fails(NTE_PERM);
  HCERTSTORE store = giveStore((ULONG_PTR)context, context->reader, parameter == PP_USER_CERTSTORE ? "User" : "Root");
  if (store == NULL) return fails(NTE_NOT_FOUND);
  if (behaves(context->reader, "store-long")) {
    CertCloseStore(store, 0);
    *length += 1;
    return TRUE;
  }
  memcpy(buffer, &store, sizeof store);
  return TRUE;
}

EXPORT BOOL WINAPI CPGetProvParam(HCRYPTPROV handle, DWORD parameter, BYTE *buffer, DWORD *length, DWORD flags) {
  Object *context = known(handle, OPENED, "CPGetProvParam with a handle that is no context");
  if (parameter == PP_ENUMCONTAINERS) {
    demand(context->isEnumerating, "an enumeration in a container");
    return nextName(context, buffer, length, flags);
  }
  if (parameter == PP_USER_CERTSTORE || parameter == PP_ROOT_CERTSTORE) {
    demand(flags == 0, "a store with flags");
    return giveStoreOf(context, parameter, buffer, length);
  }
  demand(parameter == PP_SMARTCARD_GUID && flags == 0, "CPGetProvParam for what nobody knows");
  const Container *container = find(context, 0);
  return give(context->reader, buffer, length, container->guid, container->guidLength);
}

EXPORT BOOL WINAPI CPGetUserKey(HCRYPTPROV handle, DWORD keySpec, HCRYPTKEY *key) {
  Object *context = known(handle, OPENED, "CPGetUserKey with a handle that is no context");
  demand(!context->isEnumerating, "CPGetUserKey without a container");
  demand(keySpec == AT_KEYEXCHANGE || keySpec == AT_SIGNATURE, "a key spec that there is none of");
  Container *container = find(context, keySpec);
  if (container == NULL) return fails(NTE_NO_KEY);
  Object *object = create(KEY);
  object->context = handle;
  object->container = container;
  *key = (HCRYPTKEY)object;
  return TRUE;
}

EXPORT BOOL WINAPI CPDestroyKey(HCRYPTPROV context, HCRYPTKEY key) {
  Object *object = known(key, KEY, "CPDestroyKey of what was never given, or is destroyed already");
  demand(object->context == context, "a key of another context");
  object->kind = FREE;
  return TRUE;
}

EXPORT BOOL WINAPI CPGetKeyParam(HCRYPTPROV context, HCRYPTKEY key, DWORD parameter, BYTE *buffer, DWORD *length, DWORD flags) {
  (void)context;
  const Container *container = known(key, KEY, "CPGetKeyParam with a handle that is no key")->container;
  demand(parameter == KP_CERTIFICATE && flags == 0, "CPGetKeyParam for what nobody knows");
  return give(container->reader, buffer, length, container->certificate, container->certificateLength);
}

EXPORT BOOL WINAPI CPExportKey(HCRYPTPROV context, HCRYPTKEY key, HCRYPTKEY exportKey, DWORD type, DWORD flags, BYTE *buffer, DWORD *length) {
  (void)context;
  const Container *container = known(key, KEY, "CPExportKey with a handle that is no key")->container;
  demand(exportKey == 0 && type == PUBLICKEYBLOB && flags == 0, "CPExportKey of something else than the public key");
  return give(container->reader, buffer, length, container->blob, container->blobLength);
}

/* A CSP has to have these too; nothing that CertProp does may reach them. */
#define UNUSED(name) \
  EXPORT BOOL WINAPI name(void) { \
    misuse(#name); \
    return FALSE; \
  }
UNUSED(CPCreateHash)
UNUSED(CPDecrypt)
UNUSED(CPDeriveKey)
UNUSED(CPDestroyHash)
UNUSED(CPEncrypt)
UNUSED(CPGenKey)
UNUSED(CPGenRandom)
UNUSED(CPGetHashParam)
UNUSED(CPHashData)
UNUSED(CPHashSessionKey)
UNUSED(CPImportKey)
UNUSED(CPSetHashParam)
UNUSED(CPSetKeyParam)
UNUSED(CPSetProvParam)
UNUSED(CPSignHash)
UNUSED(CPVerifySignature)
