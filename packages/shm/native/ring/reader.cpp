#include <algorithm>

#include "mutant.hpp"
#include "payload.hpp"
#include "records.hpp"
#include "ring.hpp"
#include "step.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

// Above this, competing consumers would waste more on copies that lose than a
// lease costs.
constexpr uint64_t kTakeInPlace = 256 * 1024;

constexpr int kNewestTries = 8;

// How many records `n` asks for; 0: all.
uint64_t wanted(int64_t n) {
  if (n == 0) return ~0ull;
  return n > 0 ? static_cast<uint64_t>(n) : 0 - static_cast<uint64_t>(n);
}

enum class Taken { mine, lost };

// SYNC POINT: release keeps the copy before DEAD; partner: the acquire of DEAD
// in reclaim(). The CAS decides among consumers, and against eviction.
Taken takeRecord(Core& core, uint32_t id, uint64_t wanted) {
  Descriptor& d = core.v.desc[id];
  if constexpr (kMutant == Mutant::popByStore) {
    d.word.store(word::withState(wanted, State::dead), std::memory_order_release);
  } else {
    uint64_t w = wanted;
    while (!d.word.compare_exchange_weak(w, word::withState(w, State::dead), std::memory_order_acq_rel,
                                         std::memory_order_relaxed)) {
      if (!word::same(w, wanted)) return Taken::lost;
    }
  }
  RMQ_STEP(popTaken);
  // Of a queue it is known anyway: what was put and is not there any more. Writers
  // count in the same line, and would wait for it.
  if (core.v.g.mode == kModeTopic) bump(core.v.h->count.popped);
  return Taken::mine;
}

}  // namespace

Status Ring::findRecord(uint64_t seq, Found& found) {
  Status s = mayRead();
  if (s == Status::ok) s = find(core_.v, seq, found);
  if (s != Status::ok) return s;
  RMQ_STEP(readFound);
  // Judged by every reader: expired data is never seen, even if nobody puts.
  if (core_.v.g.ttlNs != 0 && isExpired(core_.v, found.record, core_.clock->nowNs())) return Status::expired;
  return Status::ok;
}

Status Ring::findNewest(Found& found) {
  for (;;) {
    const uint64_t next = nextSeq();
    const uint64_t low = oldestBound(core_.v, next);
    for (uint64_t s = next; s-- > low;) {
      const Status status = findRecord(s, found);
      if (status == Status::ok || status == Status::corrupt || status == Status::closed) return status;
      // Whatever lies below an expired record is older still.
      if (status == Status::expired) return Status::empty;
    }
    // All gone: popped, or a writer lapped the whole ring meanwhile.
    if (nextSeq() == next) return Status::empty;
  }
}

Status Ring::copyRecord(const Found& found, void* target) {
  const Status s = mayRead();
  if (s != Status::ok) return s;
  copyOut(target, core_.v.arena + found.record.offset, found.record.length);
  RMQ_STEP(readCopied);
  return validate(core_.v, found) ? Status::ok : Status::gone;
}

Status Ring::takeInPlace(const Found& found, RecordSink& sink) {
  Lease held;
  Status s = leaseFound(found, held);
  if (s != Status::ok) return s;
  void* target = nullptr;
  if (!sink.reserve(found.record, &target)) {
    unlease(held);
    return Status::noBuffer;
  }
  if (takeRecord(core_, found.id, found.word) == Taken::lost) {
    unlease(held);
    sink.reject(found.record);
    return Status::gone;
  }
  copyOut(target, held.data, found.record.length);
  unlease(held);
  sink.accept(found.record);
  return Status::ok;
}

Status Ring::take(const Lease& lease) {
  const Status s = mayWrite();
  if (s != Status::ok) return s;
  if (isQueue()) return Status::unsupported;
  if (lease.slot >= kLeasesEach) return Status::staleHandle;
  if (takeRecord(core_, lease.id, lease.word) == Taken::lost) return Status::gone;
  advanceOldest(core_);
  return Status::ok;
}

Status Ring::deliverFound(const Found& found, bool taking, RecordSink& sink) {
  if (taking && found.record.length > kTakeInPlace) {
    const Status s = takeInPlace(found, sink);
    if (s != Status::leaseLimit) return s;
  }
  void* target = nullptr;
  if (!sink.reserve(found.record, &target)) return Status::noBuffer;
  Status s = copyRecord(found, target);
  if (s == Status::ok && taking && takeRecord(core_, found.id, found.word) == Taken::lost) s = Status::gone;
  if (s == Status::ok) sink.accept(found.record);
  else sink.reject(found.record);
  return s;
}

Status Ring::deliver(uint64_t seq, bool taking, RecordSink& sink) {
  Found found;
  const Status s = findRecord(seq, found);
  return s == Status::ok ? deliverFound(found, taking, sink) : s;
}

uint64_t Ring::firstOfNewest(uint64_t count, uint64_t next) {
  const uint64_t low = oldestBound(core_.v, next);
  uint64_t first = next;
  Found found;
  for (uint64_t s = next; count > 0 && s > low;) {
    --s;
    const Status status = findRecord(s, found);
    if (status == Status::expired) break;
    if (status != Status::ok) continue;
    first = s;
    --count;
  }
  return first;
}

Status Ring::walk(int64_t n, bool taking, RecordSink& sink, uint64_t* delivered) {
  uint64_t done = 0;
  const uint64_t want = wanted(n);
  Status result = mayRead();
  uint64_t next = result == Status::ok ? nextSeq() : 0;
  // With a small ring and a fast writer all that was chosen may be gone before
  // it is copied. There was always something to read, so look again.
  for (int attempt = 0; result == Status::ok && attempt < kNewestTries; ++attempt) {
    uint64_t s = n < 0 ? firstOfNewest(want, next) : oldestBound(core_.v, next);
    bool lapped = false;
    for (; s < next && done < want; ++s) {
      const Status status = deliver(s, taking, sink);
      if (status == Status::ok) ++done;
      else if (status == Status::gone) lapped = true;
      else if (status != Status::expired) {
        if (status != Status::empty) result = status;
        break;
      }
    }
    const uint64_t now = nextSeq();
    if (done > 0 || !lapped || now == next) break;
    next = now;
  }
  if (taking && done > 0) advanceOldest(core_);
  if (delivered != nullptr) *delivered = done;
  return result;
}

Status Ring::readOne(uint64_t seq, bool taking, RecordSink& sink) {
  Status s = taking ? mayWrite() : mayRead();
  if (s == Status::ok && taking && isQueue()) s = Status::unsupported;
  if (s == Status::ok) s = deliver(seq, taking, sink);
  if (s == Status::ok && taking) advanceOldest(core_);
  return s;
}

uint64_t Ring::sequences(int64_t n, uint64_t* out, uint64_t room) {
  if (mayRead() != Status::ok) return 0;
  const uint64_t next = nextSeq();
  const uint64_t want = std::min(room, wanted(n));
  uint64_t count = 0;
  Found found;
  for (uint64_t s = n < 0 ? firstOfNewest(want, next) : oldestBound(core_.v, next); s < next && count < want; ++s) {
    if (findRecord(s, found) == Status::ok) out[count++] = s;
  }
  return count;
}

Status Ring::peek(int64_t n, RecordSink& sink, uint64_t* delivered) {
  return walk(n, false, sink, delivered);
}

Status Ring::pop(int64_t n, RecordSink& sink, uint64_t* delivered) {
  if (delivered != nullptr) *delivered = 0;
  Status s = mayWrite();
  // Whoever took from the end would leave a hole in the order.
  if (s == Status::ok && n < 0 && isQueue()) s = Status::unsupported;
  if (s != Status::ok) return s;
  return isQueue() ? takeFront(n, sink, delivered) : walk(n, true, sink, delivered);
}

// A queue dies from the front: what was taken, or was found gone, is followed by
// all that lives. The line that each put writes is read only when there is nothing
// left of what is known.
Status Ring::takeFront(int64_t n, RecordSink& sink, uint64_t* delivered) {
  View& v = core_.v;
  const uint64_t want = wanted(n);
  uint64_t done = 0;
  uint64_t seq = oldestBound(v, knownNext_);
  Status s = Status::ok;
  while (done < want) {
    if (seq >= knownNext_) {
      // In this order: what was put before the end is known with it.
      knownRetired_ = retired();
      knownNext_ = nextSeq();
      seq = std::max(seq, oldestBound(v, knownNext_));
      if (seq >= knownNext_) break;
    }
    Found found;
    s = findPublished(v, seq, found);
    RMQ_STEP(readFound);
    if (s == Status::ok) s = deliverFound(found, true, sink);
    if (s == Status::ok) ++done;
    else if (s != Status::gone) break;
    ++seq;
  }
  if (s == Status::gone) s = Status::ok;
  if (done > 0) {
    raiseOldest(core_, seq);
    notifySpace();
  }
  if (delivered != nullptr) *delivered = done;
  return s;
}

}  // namespace rmq::ring
