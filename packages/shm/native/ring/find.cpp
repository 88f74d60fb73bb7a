#include "find.hpp"

#include "records.hpp"
#include "word.hpp"

namespace rmq::ring {

Status find(const View& v, uint64_t seq, Found& found) {
  // SYNC POINT: acquire pairs with the release store of next_seq in publish().
  if (seq >= v.h->pub.nextSeq.load(std::memory_order_acquire)) return Status::empty;
  return findPublished(v, seq, found);
}

Status findPublished(const View& v, uint64_t seq, Found& found) {
  const uint32_t id = indexed(v, seq);
  if (id == kNone) return Status::gone;
  const Descriptor& d = v.desc[id];
  // SYNC POINT: acquire pairs with the release store of LIVE in publish().
  const uint64_t w = d.word.load(std::memory_order_acquire);
  if (word::state(w) != State::live) return Status::gone;
  // Filled in place: copying a struct of fresh words costs more than finding them.
  Record& r = found.record;
  found.id = id;
  found.word = w;
  r.seq = d.seq.load(std::memory_order_relaxed);
  r.length = d.len.load(std::memory_order_relaxed);
  r.monoNs = d.monoNs.load(std::memory_order_relaxed);
  r.captureNs = d.captureNs.load(std::memory_order_relaxed);
  r.crc = d.crc.load(std::memory_order_relaxed);
  r.writer = d.writer.load(std::memory_order_relaxed);
  r.offset = uint64_t{d.off.load(std::memory_order_relaxed)} * kUnit;
  found.foot = uint64_t{d.foot.load(std::memory_order_relaxed)} * kUnit;
  // The fields belong together only if the word did not change around them.
  if (!validate(v, found) || r.seq != seq) return Status::gone;
  const bool inside = r.offset <= v.g.arenaBytes && r.length <= v.g.arenaBytes - r.offset;
  return inside ? Status::ok : Status::corrupt;
}

}  // namespace rmq::ring
