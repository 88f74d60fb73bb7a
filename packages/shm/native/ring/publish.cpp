#include "publish.hpp"

#include <algorithm>

#include "extents.hpp"
#include "records.hpp"
#include "step.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

constexpr int kExpirePerPut = 8;

}  // namespace

Status expireOldest(Core& core, uint64_t nowNs) {
  View& v = core.v;
  if (v.g.ttlNs == 0) return Status::ok;
  for (int i = 0; i < kExpirePerPut; ++i) {
    const uint64_t o = advanceOldest(core);
    if (o >= v.h->pub.nextSeq.load(std::memory_order_relaxed)) return Status::ok;
    const uint32_t id = indexed(v, o);
    if (id == kNone) continue;  // popped since
    Descriptor& d = v.desc[id];
    const uint64_t w = d.word.load(std::memory_order_acquire);
    if (word::state(w) != State::live || d.seq.load(std::memory_order_relaxed) != o) continue;
    const uint64_t born = d.monoNs.load(std::memory_order_relaxed);
    if (nowNs <= born || nowNs - born <= v.g.ttlNs) return Status::ok;
    if (!killRecord(d, w)) continue;
    bumpLocked(v.h->count.expired);
    RMQ_STEP(expireMarked);
    bool reclaimed;
    const Status s = reclaim(core, id, reclaimed);
    if (s != Status::ok) return s;
  }
  return Status::ok;
}

Status requirePlace(const Core& core, uint64_t seq) {
  const View& v = core.v;
  if (v.g.mode != kModeQueue || seq <= v.g.maxRecords) return Status::ok;
  // A queue dies from the front: while this one lives, so do all that follow it.
  return isLive(v, seq - v.g.maxRecords) ? Status::full : Status::ok;
}

Status retireByCount(Core& core, uint64_t seq) {
  View& v = core.v;
  if (seq <= v.g.maxRecords) return Status::ok;
  const uint64_t leaving = seq - v.g.maxRecords;
  const uint32_t id = indexed(v, leaving);
  if (id == kNone) return Status::ok;
  Descriptor& d = v.desc[id];
  const uint64_t w = d.word.load(std::memory_order_acquire);
  if (d.seq.load(std::memory_order_relaxed) != leaving) return Status::ok;
  if (word::state(w) == State::live) {
    if (v.g.mode == kModeQueue) return Status::full;
    if (killRecord(d, w)) {
      bumpLocked(v.h->count.evicted);
      RMQ_STEP(slotMarked);
    }
  } else if (word::state(w) != State::dead) {
    return Status::ok;
  }
  bool reclaimed;
  return reclaim(core, id, reclaimed);
}

void enter(Core& core, uint32_t id, uint64_t seq, uint64_t length, const Stamp& stamp) {
  View& v = core.v;
  AllocLine& a = v.h->alloc;
  Descriptor& d = v.desc[id];
  const uint64_t born = std::max(a.lastTs.load(std::memory_order_relaxed), stamp.nowNs);
  a.lastTs.store(born, std::memory_order_relaxed);
  d.seq.store(seq, std::memory_order_relaxed);
  d.len.store(length, std::memory_order_relaxed);
  d.monoNs.store(born, std::memory_order_relaxed);
  d.captureNs.store(stamp.captureNs, std::memory_order_relaxed);
  d.crc.store(stamp.crc, std::memory_order_relaxed);
  d.writer.store(core.me, std::memory_order_relaxed);
  RMQ_STEP(publishFields);
  const uint64_t w = d.word.load(std::memory_order_relaxed);
  // SYNC POINT: three releases pair with the three acquires of find(): whoever
  // sees the number sees the index entry, the LIVE word and the fields behind it.
  d.word.store(word::withState(w, State::live), std::memory_order_release);
  RMQ_STEP(publishLive);
  v.index[seq & v.slotMask].store(tagged::make(id, seq & tagged::kTagMask), std::memory_order_release);
  RMQ_STEP(publishIndexed);
}

void announce(Core& core, uint64_t next, uint64_t bytes) {
  // From here the records exist: before, a recoverer takes them back.
  core.v.h->pub.nextSeq.store(next, std::memory_order_release);
  RMQ_STEP(publishDone);
  addLocked(core.v.h->count.publishedBytes, bytes);
}

uint64_t publish(Core& core, uint32_t id, uint64_t length, const Stamp& stamp) {
  const uint64_t seq = nextSeqLocked(core);
  enter(core, id, seq, length, stamp);
  announce(core, seq + 1, length);
  return seq;
}

}  // namespace rmq::ring
