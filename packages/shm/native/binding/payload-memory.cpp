#include "payload-memory.hpp"

#include <sys/mman.h>

#include <cstdint>

namespace rmq::binding {
namespace {

// From here on the memory is new in any case, and its page faults cost more than
// the copy: with huge pages half of that.
constexpr size_t kHugeFrom = 4 << 20;
constexpr uintptr_t kPageMask = 4095;

void askForHugePages(void* data, size_t length) {
  const auto begin = (reinterpret_cast<uintptr_t>(data) + kPageMask) & ~kPageMask;
  const auto end = (reinterpret_cast<uintptr_t>(data) + length) & ~kPageMask;
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
}

}  // namespace

napi_value newPayload(napi_env env, size_t length, void** data) {
  // A Buffer's memory is not zeroed, and comes from the heap if that has some.
  // The ArrayBuffer is its alone and V8's: it can be transferred to a worker.
  napi_value buffer = nullptr;
  napi_value arrayBuffer = nullptr;
  if (napi_create_buffer(env, length, data, &buffer) == napi_ok &&
      napi_get_typedarray_info(env, buffer, nullptr, nullptr, nullptr, &arrayBuffer, nullptr) == napi_ok) {
    if (length >= kHugeFrom) askForHugePages(*data, length);
    return arrayBuffer;
  }
  bool pending = false;
  napi_value ignored;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) {
    napi_get_and_clear_last_exception(env, &ignored);
  }
  return nullptr;
}

}  // namespace rmq::binding
