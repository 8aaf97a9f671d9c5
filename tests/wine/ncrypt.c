/* A double of ncrypt.dll with the smart card key storage provider: strict about how it is called, and hostile on demand. */
#define _WIN32_WINNT 0x0A00
#include <stddef.h>
#include "double.h"
#include <bcrypt.h>
#include <ncrypt.h>

#define EXPORT __declspec(dllexport)

_Static_assert(sizeof(NCRYPT_HANDLE) == 8, "a handle");
_Static_assert(sizeof(SECURITY_STATUS) == 4, "a status");
_Static_assert(sizeof(NCryptKeyName) == 24, "NCryptKeyName");
_Static_assert(offsetof(NCryptKeyName, dwLegacyKeySpec) == 16, "NCryptKeyName.dwLegacyKeySpec");
_Static_assert(offsetof(NCryptKeyName, dwFlags) == 20, "NCryptKeyName.dwFlags");
_Static_assert(sizeof(BCRYPT_RSAKEY_BLOB) == 24, "BCRYPT_RSAKEY_BLOB");
_Static_assert(sizeof(BCRYPT_ECCKEY_BLOB) == 8, "BCRYPT_ECCKEY_BLOB");

typedef enum { FREE, PROVIDER, KEY, NAME, STATE } Kind;
typedef struct {
  Kind kind;
  Container *container;
  NCryptKeyName name;
  WCHAR text[LONGEST_TEXT];
  char reader[LONGEST_TEXT]; /* of a provider: the one that it is limited to */
  int position;
} Object;

static Object objects[MOST_HANDLES];

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, LPVOID reserved) {
  (void)instance, (void)reserved;
  if (reason == DLL_PROCESS_ATTACH) readFacts("KSP");
  return TRUE;
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

static void toUtf8(LPCWSTR text, char *utf8) {
  demand(text != NULL, "no string");
  int units = 0;
  while (units < LONGEST_TEXT / 4 && text[units] != 0) units++;
  demand(text[units] == 0, "a string without an end");
  WideCharToMultiByte(CP_UTF8, 0, text, -1, utf8, LONGEST_TEXT, NULL, NULL);
}

EXPORT SECURITY_STATUS WINAPI NCryptOpenStorageProvider(NCRYPT_PROV_HANDLE *provider, LPCWSTR name, DWORD flags) {
  char utf8[LONGEST_TEXT];
  toUtf8(name, utf8);
  demand(flags == 0, "NCryptOpenStorageProvider with flags");
  demand(strcmp(utf8, "Microsoft Smart Card Key Storage Provider") == 0, "another provider");
  *provider = (NCRYPT_PROV_HANDLE)create(PROVIDER);
  note("opened");
  return ERROR_SUCCESS;
}

static SECURITY_STATUS nextKey(Object *state, NCryptKeyName **key) {
  if (behaves(state->reader, "endless")) state->position = 0;
  while (state->position < containerCount && strcmp(containers[state->position].reader, state->reader) != 0) state->position++;
  if (state->position >= containerCount) return NTE_NO_MORE_ITEMS;
  Object *name = create(NAME);
  MultiByteToWideChar(CP_UTF8, 0, containers[state->position++].name, -1, name->text, LONGEST_TEXT);
  name->name.pszName = behaves(state->reader, "nameless") ? NULL : name->text;
  *key = &name->name;
  return ERROR_SUCCESS;
}

EXPORT SECURITY_STATUS WINAPI NCryptEnumKeys(NCRYPT_PROV_HANDLE provider, LPCWSTR scope, NCryptKeyName **key, PVOID *state, DWORD flags) {
  char utf8[LONGEST_TEXT], reader[LONGEST_TEXT], container[LONGEST_TEXT];
  known(provider, PROVIDER, "NCryptEnumKeys with a handle that is no provider");
  toUtf8(scope, utf8);
  splitName(utf8, reader, container);
  demand(container[0] == 0, "a scope with a container");
  demand(flags == NCRYPT_SILENT_FLAG, "NCryptEnumKeys with flags other than silent");
  misbehave(reader);
  if (behaves(reader, "unknown")) return SCARD_E_UNKNOWN_CARD;
  if (*state == NULL) {
    Object *fresh = create(STATE);
    strcpy(fresh->reader, reader);
    *state = fresh;
  }
  return nextKey(known((ULONG_PTR)*state, STATE, "a state that was never given"), key);
}

EXPORT SECURITY_STATUS WINAPI NCryptFreeBuffer(PVOID buffer) {
  for (int index = 0; index < MOST_HANDLES; index++) {
    Object *object = &objects[index];
    const int isName = object->kind == NAME && buffer == &object->name;
    const int isState = object->kind == STATE && buffer == object;
    if (isName || isState) {
      memset(object, 0xDD, sizeof *object);
      object->kind = FREE;
      return ERROR_SUCCESS;
    }
  }
  misuse("NCryptFreeBuffer of what was never given, or is free already");
  return NTE_INVALID_HANDLE;
}

EXPORT SECURITY_STATUS WINAPI NCryptOpenKey(NCRYPT_PROV_HANDLE provider, NCRYPT_KEY_HANDLE *key, LPCWSTR name, DWORD keySpec, DWORD flags) {
  char utf8[LONGEST_TEXT], reader[LONGEST_TEXT], container[LONGEST_TEXT];
  known(provider, PROVIDER, "NCryptOpenKey with a handle that is no provider");
  toUtf8(name, utf8);
  splitName(utf8, reader, container);
  demand(keySpec == 0, "NCryptOpenKey with a key spec");
  demand(flags == NCRYPT_SILENT_FLAG, "NCryptOpenKey with flags other than silent");
  for (int index = 0; index < containerCount; index++)
    if (strcmp(containers[index].reader, reader) == 0 && strcmp(containers[index].name, container) == 0) {
      Object *object = create(KEY);
      object->container = &containers[index];
      *key = (NCRYPT_KEY_HANDLE)object;
      return ERROR_SUCCESS;
    }
  return NTE_BAD_KEYSET;
}

static SECURITY_STATUS give(Container *container, BYTE *buffer, DWORD size, DWORD *length, const void *value, DWORD valueLength) {
  demand(buffer != NULL && size > 0 && length != NULL, "no buffer");
  if (value == NULL) return NTE_NOT_FOUND;
  const int fits = fill(buffer, size, value, valueLength);
  *length = behaves(container->reader, "long") ? size + 1 : valueLength;
  return fits ? ERROR_SUCCESS : NTE_BUFFER_TOO_SMALL;
}

EXPORT SECURITY_STATUS WINAPI NCryptSetProperty(NCRYPT_HANDLE handle, LPCWSTR name, PBYTE value, DWORD size, DWORD flags) {
  char utf8[LONGEST_TEXT];
  Object *provider = known(handle, PROVIDER, "NCryptSetProperty with a handle that is no provider");
  toUtf8(name, utf8);
  demand(strcmp(utf8, "SmartCardReader") == 0, "a property that is not to be set");
  demand(flags == NCRYPT_SILENT_FLAG, "NCryptSetProperty with flags other than silent");
  toUtf8((LPCWSTR)value, utf8);
  demand(size == 2 * (DWORD)MultiByteToWideChar(CP_UTF8, 0, utf8, -1, NULL, 0), "a size that is not the string's");
  if (behaves(utf8, "all-readers")) return NTE_NOT_SUPPORTED;
  strcpy(provider->reader, utf8);
  return ERROR_SUCCESS;
}

static SECURITY_STATUS giveStoreOf(Object *provider, const char *property, BYTE *buffer, DWORD size, DWORD *length) {
  const int isUser = strcmp(property, "SmartCardUserCertStore") == 0;
  demand(isUser || strcmp(property, "SmartcardRootCertStore") == 0, "a provider's property that nobody knows");
  demand(provider->reader[0] != 0, "a store of all readers");
  demand(buffer != NULL && size == sizeof(HCERTSTORE) && length != NULL, "no room for a handle");
  if (behaves(provider->reader, "store-refused")) return NTE_PERM;
  HCERTSTORE store = giveStore((ULONG_PTR)provider, provider->reader, isUser ? "User" : "Root");
  if (store == NULL) return NTE_NOT_FOUND;
  if (behaves(provider->reader, "store-long")) {
    CertCloseStore(store, 0);
    *length = size + 1;
    return ERROR_SUCCESS;
  }
  memcpy(buffer, &store, sizeof store);
  *length = sizeof store;
  return ERROR_SUCCESS;
}

EXPORT SECURITY_STATUS WINAPI NCryptGetProperty(NCRYPT_HANDLE handle, LPCWSTR name, PBYTE buffer, DWORD size, DWORD *length, DWORD flags) {
  char utf8[LONGEST_TEXT];
  toUtf8(name, utf8);
  demand(flags == NCRYPT_SILENT_FLAG, "NCryptGetProperty with flags other than silent");
  if (strstr(utf8, "CertStore") != NULL)
    return giveStoreOf(known(handle, PROVIDER, "a store of what is no provider"), utf8, buffer, size, length);
  Container *container = known(handle, KEY, "NCryptGetProperty with a handle that is no key")->container;
  if (strcmp(utf8, "SmartCardKeyCertificate") == 0)
    return give(container, buffer, size, length, container->certificate, container->certificateLength);
  if (strcmp(utf8, "SmartCardGuid") == 0) return give(container, buffer, size, length, container->guid, container->guidLength);
  demand(strcmp(utf8, "SmartCardReader") == 0, "a property that nobody knows");
  WCHAR reader[LONGEST_TEXT];
  const int units = MultiByteToWideChar(CP_UTF8, 0, container->reader, -1, reader, LONGEST_TEXT);
  return give(container, buffer, size, length, reader, 2 * units);
}

EXPORT SECURITY_STATUS WINAPI NCryptExportKey(NCRYPT_KEY_HANDLE key, NCRYPT_KEY_HANDLE exportKey, LPCWSTR type, NCryptBufferDesc *parameters, PBYTE buffer, DWORD size, DWORD *length, DWORD flags) {
  char utf8[LONGEST_TEXT];
  Container *container = known(key, KEY, "NCryptExportKey with a handle that is no key")->container;
  toUtf8(type, utf8);
  demand(exportKey == 0 && parameters == NULL, "NCryptExportKey with an export key or parameters");
  demand(flags == NCRYPT_SILENT_FLAG, "NCryptExportKey with flags other than silent");
  const int isRsa = container->blob != NULL && *(DWORD *)container->blob == BCRYPT_RSAPUBLIC_MAGIC;
  demand(strcmp(utf8, "RSAPUBLICBLOB") == 0 || strcmp(utf8, "ECCPUBLICBLOB") == 0, "a blob type that nobody knows");
  if (isRsa != (strcmp(utf8, "RSAPUBLICBLOB") == 0)) return NTE_NOT_SUPPORTED;
  return give(container, buffer, size, length, container->blob, container->blobLength);
}

EXPORT SECURITY_STATUS WINAPI NCryptFreeObject(NCRYPT_HANDLE handle) {
  for (int index = 0; index < MOST_HANDLES; index++) {
    Object *object = &objects[index];
    if ((NCRYPT_HANDLE)object != handle || (object->kind != KEY && object->kind != PROVIDER)) continue;
    const Kind kind = object->kind;
    object->kind = FREE;
    if (kind == PROVIDER) {
      endStores(handle);
      for (int other = 0; other < MOST_HANDLES; other++) demand(objects[other].kind == FREE, "something is not freed when the provider is");
      note("closed");
    }
    return ERROR_SUCCESS;
  }
  misuse("NCryptFreeObject of what was never given, or is free already");
  return NTE_INVALID_HANDLE;
}
