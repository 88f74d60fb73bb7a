#pragma once

#include "core.hpp"
#include "mutant.hpp"
#include "sync.hpp"
#include "word.hpp"

namespace rmq::ring {

struct Record {
  uint64_t seq = 0;
  uint64_t length = 0;
  uint64_t offset = 0;     // in the arena
  uint64_t monoNs = 0;     // CLOCK_MONOTONIC at commit; never decreases with seq
  uint64_t captureNs = 0;  // 0: unknown
  uint32_t crc = 0;        // 0: none; see PutOptions
  uint32_t writer = 0;     // participant that committed it
};

// A record as it was at one moment. Its bytes may be gone by the time they are
// copied: validate() tells, after the copy.
struct Found {
  Record record;
  uint32_t id = kNone;
  uint64_t word = 0;
  uint64_t foot = 0;
};

// ok, empty (not published yet), gone, corrupt; `found` means something only with
// ok. Bounds are checked here, before anything is copied.
Status find(const View& v, uint64_t seq, Found& found);
// The same for a record that is known to be published. gone is final.
Status findPublished(const View& v, uint64_t seq, Found& found);

// After copying: is it still the record that was found?
inline bool validate(const View& v, const Found& found) {
  if (kMutant == Mutant::noValidation) return true;
  // SYNC POINT: the acquire fence keeps the loads of fields and payload before
  // the second look at the word; partner: the full fence in reclaim() and the
  // release fence in claimGap(), between DEAD and the first overwriting store.
  acquireFence();
  return word::same(v.desc[found.id].word.load(std::memory_order_relaxed), found.word);
}

inline bool isExpired(const View& v, const Record& record, uint64_t nowNs) {
  return v.g.ttlNs != 0 && nowNs > record.monoNs && nowNs - record.monoNs > v.g.ttlNs;
}

}  // namespace rmq::ring
