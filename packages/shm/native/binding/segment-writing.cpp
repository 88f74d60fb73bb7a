#include <cstring>

#include "arguments.hpp"
#include "results.hpp"
#include "segment-methods.hpp"

namespace rmq::binding::segment {
namespace {

using ring::Status;

constexpr const char* kCapture = "captureNs must be a number, not negative";
constexpr const char* kSlot = "slot must be one that loan() gave";

napi_value roomView(napi_env env, Self& self, const ring::Loan& loan) {
  if (self.zeroCopy) return showBytes(env, self.mapping, loan.data, loan.length);
  void* data = nullptr;
  napi_value buffer = nullptr;
  napi_create_arraybuffer(env, loan.length, &data, &buffer);
  return buffer;
}

}  // namespace

napi_value put(napi_env env, Self& self, napi_value* arguments) {
  Bytes bytes;
  ring::PutOptions options;
  if (!readBytes(env, arguments[0], bytes, "data must be a Uint8Array that was not transferred away") ||
      !readUint64(env, arguments[1], options.captureNs, kCapture)) {
    return nullptr;
  }
  uint64_t sequence;
  const Status s = self.ring().put(bytes.data, bytes.length, options, &sequence);
  return s == Status::ok ? number(env, sequence) : negative(env, s);
}

napi_value loan(napi_env env, Self& self, napi_value* arguments) {
  uint64_t length;
  if (!readUint64(env, arguments[0], length, "byteLength must be a number, not negative")) return nullptr;
  ring::Loan room;
  const Status s = self.ring().loan(length, ring::kUnit, room);
  if (s != Status::ok) return negative(env, s);
  const napi_value view = roomView(env, self, room);
  if (view == nullptr) {
    self.ring().discard(room);
    napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "no memory to show the room with");
    return nullptr;
  }
  uint32_t slot = 0;
  while (self.loans[slot].loan.data != nullptr) ++slot;  // the ring lends no more than there are
  self.loans[slot].loan = room;
  self.loans[slot].view.hold(env, view);
  self.info->slot = slot;
  self.info->byteLength = static_cast<double>(length);
  return view;
}

napi_value commit(napi_env env, Self& self, napi_value* arguments) {
  uint32_t slot;
  uint64_t length;
  ring::PutOptions options;
  if (!readUint32(env, arguments[0], ring::kOpenLoansEach - 1, slot, kSlot) ||
      !readUint64(env, arguments[1], length, "byteLength must be a number, not negative") ||
      !readUint64(env, arguments[2], options.captureNs, kCapture)) {
    return nullptr;
  }
  Self::OpenLoan& open = self.loans[slot];
  if (!self.isOpen()) return negative(env, Status::closed);
  if (open.loan.data == nullptr) return negative(env, Status::staleHandle);
  if (length > open.loan.length) return negative(env, Status::invalidArgument);
  if (!self.zeroCopy && open.view.held()) {
    size_t have = 0;
    const void* bytes = open.view.bytes(env, have);
    if (have < length) return negative(env, Status::invalidArgument);
    std::memcpy(open.loan.data, bytes, length);
  }
  // Before it is everybody's, it is nobody's to write.
  open.view.revoke(env);
  uint64_t sequence;
  const Status s = self.ring().commit(open.loan, length, options, &sequence);
  if (s == Status::writerStalled) return negative(env, s);
  if (s != Status::ok) self.ring().discard(open.loan);
  open.loan = ring::Loan{};
  return s == Status::ok ? number(env, sequence) : negative(env, s);
}

napi_value discard(napi_env env, Self& self, napi_value* arguments) {
  uint32_t slot;
  if (!readUint32(env, arguments[0], ring::kOpenLoansEach - 1, slot, kSlot)) return nullptr;
  if (!self.isOpen()) return negative(env, Status::closed);
  Self::OpenLoan& open = self.loans[slot];
  if (open.loan.data == nullptr) return negative(env, Status::staleHandle);
  open.view.revoke(env);
  const Status s = self.ring().discard(open.loan);
  open.loan = ring::Loan{};
  return negative(env, s);
}

napi_value reject(napi_env env, Self& self, napi_value* arguments) {
  uint64_t count;
  if (readUint64(env, arguments[0], count, "count must be a number, not negative")) self.ring().reject(count);
  return nullptr;
}

}  // namespace rmq::binding::segment
