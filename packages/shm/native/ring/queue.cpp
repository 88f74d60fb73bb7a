#include <algorithm>

#include "payload.hpp"
#include "publish.hpp"
#include "records.hpp"
#include "ring-lock.hpp"
#include "ring.hpp"
#include "step.hpp"
#include "sync.hpp"

namespace rmq::ring {
namespace {

constexpr uint64_t kBatch = 64;
// Of a whole batch: the copy costs less than a second lock hold and passing all
// descriptors again.
constexpr uint64_t kCopyBatchInsideLock = 16 * 1024;

}  // namespace

uint64_t Ring::depth() const {
  const uint64_t next = nextSeq();
  uint64_t oldest = oldestBound(core_.v, next);
  // Who took records may have died before it told.
  while (oldest < next && !isLive(core_.v, oldest)) ++oldest;
  return next - oldest;
}

// At most kBatch of them, all or a prefix, visible at one moment.
Status Ring::putSome(const Piece* pieces, uint64_t count, const PutOptions& options, uint64_t* done) {
  const uint64_t wanted = std::min({count, kBatch, uint64_t{core_.v.g.maxRecords}});
  const Stamp stamp{core_.clock->nowNs(), options.captureNs, options.crc};
  Loan rooms[kBatch];
  Status s = lockToPublish(core_);
  if (s != Status::ok) return s;
  uint64_t lent = 0;
  uint64_t bytes = 0;
  for (; lent < wanted; ++lent) {
    s = requirePlace(core_, nextSeqLocked(core_) + lent);
    if (s == Status::ok) s = lend(pieces[lent].length, kUnit, rooms[lent]);
    if (s != Status::ok) break;
    bytes += pieces[lent].length;
  }
  const bool inside = bytes <= kCopyBatchInsideLock;
  if (!inside) {
    unlock(core_);
    RMQ_STEP(loanUnlocked);
  }
  for (uint64_t i = 0; i < lent; ++i) copyIn(rooms[i].data, pieces[i].data, pieces[i].length);
  RMQ_STEP(payloadDone);
  Status locked = Status::ok;
  if (!inside) {
    // SYNC POINT: as in commit().
    fullFence();
    locked = lockToPublish(core_);
  }
  uint64_t entered = 0;
  if (locked == Status::ok) {
    const uint64_t first = nextSeqLocked(core_);
    bytes = 0;
    for (; entered < lent; ++entered) {
      locked = retireByCount(core_, first + entered);
      if (locked != Status::ok) break;
      enter(core_, rooms[entered].id, first + entered, pieces[entered].length, stamp);
      bytes += pieces[entered].length;
    }
    if (entered > 0) announce(core_, first + entered, bytes);
    unlock(core_);
    RMQ_STEP(putUnlocked);
  }
  loansOpen_ -= static_cast<uint32_t>(entered);
  for (uint64_t i = entered; i < lent; ++i) discard(rooms[i]);
  *done += entered;
  return locked != Status::ok ? locked : s;
}

Status Ring::putBatch(const Piece* pieces, uint64_t count, const PutOptions& options, uint64_t* done) {
  *done = 0;
  Status s = mayWrite();
  if (s != Status::ok) return s;
  if (!isQueue()) return Status::unsupported;
  for (uint64_t i = 0; i < count; ++i) {
    if (pieces[i].length > core_.v.g.maxRecordBytes) return refuse(Status::tooLarge);
  }
  while (s == Status::ok && *done < count) s = putSome(pieces + *done, count - *done, options, done);
  if (*done > 0 && options.notify) notify();
  return s;
}

Status Ring::snapshot(RecordSink& sink, uint64_t* first, uint64_t* next) {
  Status s = mayRead();
  uint64_t at = s == Status::ok ? oldestBound(core_.v, nextSeq()) : 0;
  while (s == Status::ok) {
    const uint64_t end = nextSeq();
    for (; at < end; ++at) {
      s = deliver(at, false, sink);
      if (s != Status::ok && s != Status::gone) return s;
    }
    uint64_t oldest = oldestBound(core_.v, end);
    while (oldest < end && !isLive(core_.v, oldest)) ++oldest;
    // At the moment at which the oldest was seen alive, these were all: nothing
    // was put between the two looks, and only the front is ever taken.
    s = mayRead();
    if (nextSeq() != end) continue;
    *first = oldest;
    *next = end;
    break;
  }
  return s;
}

}  // namespace rmq::ring
