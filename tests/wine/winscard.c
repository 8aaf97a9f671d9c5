/*
 * A stand-in for Windows' winscard.dll under Wine: the readers and cards of tests/support/card-server.ts, asked for over loopback TCP.
 * It checks what the caller gives more strictly than Windows does (see shim.h): every buffer is written over its whole stated length,
 * handles are 64 bits wide and must have been given, flags must be known.
 *
 * One connection per context: calls in a context are served one at a time, and a process that ends takes its contexts with it.
 */
#include "shim.h"
#include <winscard.h>

_Static_assert(sizeof(SCARDCONTEXT) == 8 && sizeof(SCARDHANDLE) == 8 && sizeof(DWORD) == 4 && sizeof(LONG) == 4, "integers");
_Static_assert(sizeof(SCARD_READERSTATEW) == 64, "SCARD_READERSTATEW");
_Static_assert(offsetof(SCARD_READERSTATEW, szReader) == 0 && offsetof(SCARD_READERSTATEW, pvUserData) == 8, "names");
_Static_assert(offsetof(SCARD_READERSTATEW, dwCurrentState) == 16 && offsetof(SCARD_READERSTATEW, dwEventState) == 20, "states");
_Static_assert(offsetof(SCARD_READERSTATEW, cbAtr) == 24 && offsetof(SCARD_READERSTATEW, rgbAtr) == 28, "the ATR");
_Static_assert(sizeof(SCARD_IO_REQUEST) == 8 && offsetof(SCARD_IO_REQUEST, cbPciLength) == 4, "SCARD_IO_REQUEST");
_Static_assert(sizeof(UUID) == 16, "UUID");

#define API __declspec(dllexport) LONG WINAPI
#define MAX_NAME 256
#define MAX_READERS 64
#define MAX_COMMAND 65544
/* The answer of a server that wants the process to crash. */
#define CRASH 0xDEADDEAD

const char *const shim_name = "winscard";

/* Also the server's: tests/support/card-server.ts. */
enum {
  ESTABLISH = 1, LIST_READERS, GET_STATUS_CHANGE, CONNECT, DISCONNECT, BEGIN, END, TRANSMIT, CANCEL, READ_CACHE, WRITE_CACHE,
  WAIT_FOR_SERVICE
};

typedef struct {
  SCARDCONTEXT handle;
  DWORD number;
  SOCKET connection;
  CRITICAL_SECTION lock;
} Context;

typedef struct {
  SCARDHANDLE handle;
  DWORD number, protocol;
  Context *context;
} Card;

#define MOST 4096
/* Never used again once released, so that a handle tells what it was. */
static Context contexts[MOST];
static Card cards[MOST];
static LONG context_count, card_count;

static Context *find_context(SCARDCONTEXT handle, const char *function) {
  DWORD index = (DWORD)handle;
  REQUIRE(handle == (0xC0DE000100000000 | index) && index < (DWORD)context_count, "%s: no context was ever %llx", function, handle);
  REQUIRE(contexts[index].handle == handle, "%s: the context %llx was released", function, handle);
  return &contexts[index];
}

static Card *find_card(SCARDHANDLE handle, const char *function) {
  DWORD index = (DWORD)handle;
  REQUIRE(handle == (0xCA4D000200000000 | index) && index < (DWORD)card_count, "%s: no card was ever %llx", function, handle);
  REQUIRE(cards[index].handle == handle, "%s: the card %llx was disconnected", function, handle);
  REQUIRE(cards[index].context->handle != 0, "%s: the context of %llx was released", function, handle);
  return &cards[index];
}

static void begin_message(Message *message, DWORD operation) {
  memset(message, 0, sizeof *message);
  put_u32(message, operation);
}

/* The server's return code. A server that is gone is a service that stopped. */
static LONG code_of(BOOL answered, Message *message) {
  DWORD code = answered ? get_u32(message) : (DWORD)SCARD_E_SERVICE_STOPPED;
  /* What an access violation comes to; after a real one Wine's debugger ends the process with 0. */
  if (code == CRASH) TerminateProcess(GetCurrentProcess(), (UINT)STATUS_ACCESS_VIOLATION);
  return (LONG)code;
}

static LONG ask(Context *context, Message *message) {
  EnterCriticalSection(&context->lock);
  BOOL answered = exchange(context->connection, message);
  LeaveCriticalSection(&context->lock);
  return code_of(answered, message);
}

/* Fills a buffer whose length is in units of so many bytes. */
static LONG fill(const BYTE *bytes, DWORD length, void *buffer, DWORD *units, DWORD unit, const char *what) {
  DWORD given = *units;
  *units = length / unit;
  if (buffer == NULL) return SCARD_S_SUCCESS;
  shim_touch(buffer, (size_t)given * unit, what);
  if ((size_t)given * unit < length) return SCARD_E_INSUFFICIENT_BUFFER;
  memcpy(buffer, bytes, length);
  return SCARD_S_SUCCESS;
}

API SCardEstablishContext(DWORD scope, LPCVOID reserved1, LPCVOID reserved2, LPSCARDCONTEXT handle) {
  REQUIRE(scope == SCARD_SCOPE_USER || scope == SCARD_SCOPE_SYSTEM, "SCardEstablishContext: scope %lu", scope);
  REQUIRE(reserved1 == NULL && reserved2 == NULL, "SCardEstablishContext: a reserved parameter is set");
  shim_touch(handle, sizeof *handle, "SCardEstablishContext: phContext");
  *handle = 0;
  SOCKET connection = shim_connect();
  Message message;
  begin_message(&message, ESTABLISH);
  LONG code = code_of(connection != INVALID_SOCKET && exchange(connection, &message), &message);
  if (code == SCARD_S_SUCCESS) {
    DWORD index = (DWORD)InterlockedIncrement(&context_count) - 1;
    REQUIRE(index < MOST, "SCardEstablishContext: %d contexts", MOST);
    Context *context = &contexts[index];
    InitializeCriticalSection(&context->lock);
    context->connection = connection;
    context->number = get_u32(&message);
    *handle = context->handle = 0xC0DE000100000000 | index;
  } else if (connection != INVALID_SOCKET) {
    closesocket(connection);
  }
  release_message(&message);
  return code;
}

API SCardReleaseContext(SCARDCONTEXT handle) {
  Context *context = find_context(handle, "SCardReleaseContext");
  context->handle = 0;
  closesocket(context->connection);
  return SCARD_S_SUCCESS;
}

API SCardListReadersW(SCARDCONTEXT handle, LPCWSTR groups, LPWSTR names, LPDWORD units) {
  Context *context = find_context(handle, "SCardListReadersW");
  REQUIRE(units != NULL, "SCardListReadersW: pcchReaders is null");
  REQUIRE(*units != SCARD_AUTOALLOCATE, "SCardListReadersW: SCARD_AUTOALLOCATE");
  for (const WCHAR *group = groups; group && *group;) group += shim_length(group, MAX_NAME, "SCardListReadersW: a group") + 1;
  Message message;
  begin_message(&message, LIST_READERS);
  LONG code = ask(context, &message);
  if (code == SCARD_S_SUCCESS) {
    DWORD length;
    const BYTE *bytes = get_block(&message, &length);
    code = fill(bytes, length, names, units, sizeof(WCHAR), "SCardListReadersW: mszReaders");
  }
  release_message(&message);
  return code;
}

API SCardGetStatusChangeW(SCARDCONTEXT handle, DWORD timeout, LPSCARD_READERSTATEW states, DWORD count) {
  const DWORD known = 0xFFFF07FF;
  Context *context = find_context(handle, "SCardGetStatusChangeW");
  REQUIRE(states != NULL && count > 0 && count <= MAX_READERS, "SCardGetStatusChangeW: %lu states at %p", count, (void *)states);
  Message message;
  begin_message(&message, GET_STATUS_CHANGE);
  put_u32(&message, timeout);
  put_u32(&message, count);
  for (DWORD index = 0; index < count; index += 1) {
    shim_length(states[index].szReader, MAX_NAME, "SCardGetStatusChangeW: szReader");
    REQUIRE((states[index].dwCurrentState & ~known) == 0, "SCardGetStatusChangeW: state %lx", states[index].dwCurrentState);
    REQUIRE(states[index].cbAtr <= sizeof states[index].rgbAtr, "SCardGetStatusChangeW: cbAtr %lu", states[index].cbAtr);
    put_u32(&message, states[index].dwCurrentState);
    put_text(&message, states[index].szReader);
  }
  LONG code = ask(context, &message);
  if (code == SCARD_S_SUCCESS || code == (LONG)SCARD_E_TIMEOUT) {
    for (DWORD index = 0; index < count; index += 1) {
      shim_touch(states[index].rgbAtr, sizeof states[index].rgbAtr, "SCardGetStatusChangeW: rgbAtr");
      states[index].dwEventState = get_u32(&message);
      const BYTE *atr = get_block(&message, &states[index].cbAtr);
      REQUIRE(states[index].cbAtr <= sizeof states[index].rgbAtr, "the server's ATR is too long");
      memcpy(states[index].rgbAtr, atr, states[index].cbAtr);
    }
  }
  release_message(&message);
  return code;
}

/* From any thread, while another call in the context blocks: hence a connection of its own. */
API SCardCancel(SCARDCONTEXT handle) {
  Context *context = find_context(handle, "SCardCancel");
  SOCKET connection = shim_connect();
  Message message;
  begin_message(&message, CANCEL);
  put_u32(&message, context->number);
  LONG code = code_of(connection != INVALID_SOCKET && exchange(connection, &message), &message);
  if (connection != INVALID_SOCKET) closesocket(connection);
  release_message(&message);
  return code;
}

API SCardConnectW(SCARDCONTEXT handle, LPCWSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE card, LPDWORD protocol) {
  const DWORD known = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1 | SCARD_PROTOCOL_RAW;
  Context *context = find_context(handle, "SCardConnectW");
  shim_length(reader, MAX_NAME, "SCardConnectW: szReader");
  REQUIRE(share >= SCARD_SHARE_EXCLUSIVE && share <= SCARD_SHARE_DIRECT, "SCardConnectW: share mode %lu", share);
  REQUIRE((protocols & ~known) == 0 && (protocols != 0 || share == SCARD_SHARE_DIRECT), "SCardConnectW: protocols %lx", protocols);
  shim_touch(card, sizeof *card, "SCardConnectW: phCard");
  shim_touch(protocol, sizeof *protocol, "SCardConnectW: pdwActiveProtocol");
  *card = *protocol = 0;
  Message message;
  begin_message(&message, CONNECT);
  put_u32(&message, share);
  put_u32(&message, protocols);
  put_text(&message, reader);
  LONG code = ask(context, &message);
  if (code == SCARD_S_SUCCESS) {
    DWORD index = (DWORD)InterlockedIncrement(&card_count) - 1;
    REQUIRE(index < MOST, "SCardConnectW: %d cards", MOST);
    cards[index].number = get_u32(&message);
    cards[index].protocol = get_u32(&message);
    cards[index].context = context;
    *protocol = cards[index].protocol;
    *card = cards[index].handle = 0xCA4D000200000000 | index;
  }
  release_message(&message);
  return code;
}

static LONG ask_about_card(Card *card, DWORD operation, DWORD disposition) {
  Message message;
  begin_message(&message, operation);
  put_u32(&message, card->number);
  put_u32(&message, disposition);
  LONG code = ask(card->context, &message);
  release_message(&message);
  return code;
}

API SCardDisconnect(SCARDHANDLE handle, DWORD disposition) {
  Card *card = find_card(handle, "SCardDisconnect");
  REQUIRE(disposition <= SCARD_EJECT_CARD, "SCardDisconnect: disposition %lu", disposition);
  card->handle = 0;
  return ask_about_card(card, DISCONNECT, disposition);
}

API SCardBeginTransaction(SCARDHANDLE handle) {
  return ask_about_card(find_card(handle, "SCardBeginTransaction"), BEGIN, 0);
}

API SCardEndTransaction(SCARDHANDLE handle, DWORD disposition) {
  Card *card = find_card(handle, "SCardEndTransaction");
  REQUIRE(disposition <= SCARD_EJECT_CARD, "SCardEndTransaction: disposition %lu", disposition);
  return ask_about_card(card, END, disposition);
}

API SCardTransmit(SCARDHANDLE handle, LPCSCARD_IO_REQUEST sent, LPCBYTE command, DWORD command_length,
                  LPSCARD_IO_REQUEST received, LPBYTE response, LPDWORD response_length) {
  Card *card = find_card(handle, "SCardTransmit");
  REQUIRE(sent != NULL, "SCardTransmit: pioSendPci is null");
  REQUIRE(sent->cbPciLength == sizeof *sent, "SCardTransmit: cbPciLength %lu", sent->cbPciLength);
  REQUIRE(sent->dwProtocol == card->protocol, "SCardTransmit: protocol %lu in place of %lu", sent->dwProtocol, card->protocol);
  REQUIRE(received == NULL || received->cbPciLength == sizeof *received, "SCardTransmit: pioRecvPci's length");
  REQUIRE(command != NULL && command_length >= 4 && command_length <= MAX_COMMAND, "SCardTransmit: a command of %lu bytes", command_length);
  REQUIRE(response_length != NULL, "SCardTransmit: pcbRecvLength is null");
  REQUIRE(*response_length != SCARD_AUTOALLOCATE && *response_length >= 2, "SCardTransmit: room for %lu bytes", *response_length);
  Message message;
  begin_message(&message, TRANSMIT);
  put_u32(&message, card->number);
  put_block(&message, command, command_length);
  shim_touch(response, *response_length, "SCardTransmit: pbRecvBuffer");
  LONG code = ask(card->context, &message);
  if (code == SCARD_S_SUCCESS) {
    DWORD length;
    const BYTE *bytes = get_block(&message, &length);
    code = fill(bytes, length, response, response_length, 1, "SCardTransmit: pbRecvBuffer");
  }
  release_message(&message);
  return code;
}

static void begin_cache_message(Message *message, DWORD operation, const UUID *card, DWORD freshness, LPCWSTR name) {
  REQUIRE(card != NULL, "the resource manager's cache: CardIdentifier is null");
  shim_length(name, MAX_NAME, "the resource manager's cache: LookupName");
  begin_message(message, operation);
  put_block(message, card, sizeof *card);
  put_u32(message, freshness);
  put_text(message, name);
}

API SCardReadCacheW(SCARDCONTEXT handle, UUID *card, DWORD freshness, LPWSTR name, PBYTE data, DWORD *length) {
  Context *context = find_context(handle, "SCardReadCacheW");
  REQUIRE(length != NULL, "SCardReadCacheW: DataLen is null");
  REQUIRE(*length != SCARD_AUTOALLOCATE, "SCardReadCacheW: SCARD_AUTOALLOCATE");
  Message message;
  begin_cache_message(&message, READ_CACHE, card, freshness, name);
  LONG code = ask(context, &message);
  if (code == SCARD_S_SUCCESS) {
    DWORD found;
    const BYTE *bytes = get_block(&message, &found);
    code = fill(bytes, found, data, length, 1, "SCardReadCacheW: Data");
  }
  release_message(&message);
  return code;
}

API SCardWriteCacheW(SCARDCONTEXT handle, UUID *card, DWORD freshness, LPWSTR name, PBYTE data, DWORD length) {
  Context *context = find_context(handle, "SCardWriteCacheW");
  REQUIRE(data != NULL || length == 0, "SCardWriteCacheW: Data is null");
  Message message;
  begin_cache_message(&message, WRITE_CACHE, card, freshness, name);
  put_block(&message, data, length);
  LONG code = ask(context, &message);
  release_message(&message);
  return code;
}

static HANDLE started;
static LONG started_users;

/* Sets and resets the event as the service starts and stops: each answer tells of a change. */
static DWORD WINAPI follow_service(LPVOID unused) {
  (void)unused;
  SOCKET connection = shim_connect();
  DWORD running = 2;
  for (;;) {
    Message message;
    begin_message(&message, WAIT_FOR_SERVICE);
    put_u32(&message, running);
    if (connection == INVALID_SOCKET || !exchange(connection, &message)) return 0;
    running = get_u32(&message);
    release_message(&message);
    if (running) SetEvent(started);
    else ResetEvent(started);
  }
}

__declspec(dllexport) HANDLE WINAPI SCardAccessStartedEvent(void) {
  if (InterlockedIncrement(&started_users) == 1 && started == NULL) {
    started = CreateEventW(NULL, TRUE, FALSE, NULL);
    CreateThread(NULL, 0, follow_service, NULL, 0, NULL);
  }
  return started;
}

__declspec(dllexport) void WINAPI SCardReleaseStartedEvent(void) {
  REQUIRE(InterlockedDecrement(&started_users) >= 0, "SCardReleaseStartedEvent without SCardAccessStartedEvent");
}
