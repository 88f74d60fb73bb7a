#include "allocator.hpp"
#include "payload.hpp"
#include "publish.hpp"
#include "ring-lock.hpp"
#include "ring.hpp"
#include "step.hpp"

namespace rmq::ring {
namespace {

// Up to here the copy is shorter than a second lock hold. Kept small, because a
// writer that is stopped while it holds the lock stops the other writers.
constexpr uint64_t kCopyInsideLock = 1024;

}  // namespace

// Counts what the ring had no room for; other failures were never its to keep. To
// whom a queue says FULL may try again: nothing is lost by that.
Status Ring::refuse(Status s) {
  if (s == Status::tooLarge || s == Status::pinned) reject(1);
  return s;
}

void Ring::reject(uint64_t count) {
  if (mayWrite() != Status::ok) return;
  core_.v.h->count.rejected.fetch_add(count, std::memory_order_relaxed);
}

Status Ring::putSmall(const void* data, uint64_t length, const PutOptions& options, uint64_t* seq) {
  const Stamp stamp{core_.clock->nowNs(), options.captureNs, options.crc};
  Status s = lockToPublish(core_);
  if (s != Status::ok) return s;
  s = requirePlace(core_, nextSeqLocked(core_));
  if (s == Status::ok) s = expireOldest(core_, stamp.nowNs);
  Room room;
  if (s == Status::ok) s = allocate(core_, length, kUnit, room);
  if (s == Status::ok) {
    copyIn(core_.v.arena + room.offset, data, length);
    RMQ_STEP(payloadDone);
    s = retireByCount(core_, nextSeqLocked(core_));
  }
  if (s == Status::ok) *seq = publish(core_, room.id, length, stamp);
  unlock(core_);
  return s;
}

Status Ring::put(const void* data, uint64_t length, const PutOptions& options, uint64_t* seq) {
  uint64_t ignored;
  if (seq == nullptr) seq = &ignored;
  Status s = mayWrite();
  if (s != Status::ok) return s;
  if (length > core_.v.g.maxRecordBytes) return refuse(Status::tooLarge);
  if (length <= kCopyInsideLock) {
    s = putSmall(data, length, options, seq);
    if (s == Status::ok) {
      RMQ_STEP(putUnlocked);
      if (options.notify) notify();
    }
    return refuse(s);
  }
  Loan room;
  s = borrow(length, kUnit, room);
  if (s != Status::ok) return refuse(s);
  copyIn(room.data, data, length);
  RMQ_STEP(payloadDone);
  s = commit(room, length, options, seq);
  if (s != Status::ok) discard(room);
  return refuse(s);
}

}  // namespace rmq::ring
