#include <cstring>

#include "arguments.hpp"
#include "payload-memory.hpp"
#include "results.hpp"
#include "segment-methods.hpp"

namespace rmq::binding::segment {
namespace {

using ring::Status;

Self::HeldLease* heldLease(napi_env env, Self& self, napi_value argument) {
  uint32_t slot;
  if (!readUint32(env, argument, ring::kLeasesEach - 1, slot, "slot must be one that a lease gave")) return nullptr;
  return &self.leases[slot];
}

napi_value leaseView(napi_env env, Self& self, const ring::Lease& held) {
  if (self.zeroCopy) return showBytes(env, self.mapping, held.data, held.record.length);
  void* data = nullptr;
  const napi_value copy = newPayload(env, held.record.length, &data);
  if (copy != nullptr && held.record.length != 0) std::memcpy(data, held.data, held.record.length);
  return copy;
}

}  // namespace

napi_value lease(napi_env env, Self& self, napi_value* arguments) {
  uint64_t sequence;
  if (!readUint64(env, arguments[0], sequence, "sequence must be a number, not negative")) return nullptr;
  ring::Lease held;
  const Status s = sequence == 0 ? self.ring().leaseNewest(held) : self.ring().lease(sequence, held);
  if (s == Status::ok) self.hold(held);
  return status(env, s);
}

napi_value takeLeased(napi_env env, Self& self, napi_value* arguments) {
  const Self::HeldLease* held = heldLease(env, self, arguments[0]);
  return held == nullptr ? nullptr : status(env, self.ring().take(held->lease));
}

napi_value leaseBytes(napi_env env, Self& self, napi_value* arguments) {
  Self::HeldLease* held = heldLease(env, self, arguments[0]);
  if (held == nullptr) return nullptr;
  if (held->lease.data == nullptr || held->view.held()) {
    napi_throw_error(env, "ERR_INVALID_STATE", "nothing is leased there, or its bytes were given out already");
    return nullptr;
  }
  const napi_value view = leaseView(env, self, held->lease);
  if (view == nullptr) napi_throw_error(env, "ERR_MEMORY_ALLOCATION_FAILED", "no memory for the record's bytes");
  else held->view.hold(env, view);
  return view;
}

napi_value unlease(napi_env env, Self& self, napi_value* arguments) {
  Self::HeldLease* held = heldLease(env, self, arguments[0]);
  if (held == nullptr) return nullptr;
  held->view.revoke(env);
  self.ring().unlease(held->lease);
  return nullptr;
}

}  // namespace rmq::binding::segment
