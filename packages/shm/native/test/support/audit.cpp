#include "audit.hpp"

#include <map>
#include <vector>

#include "records.hpp"
#include "ring-lock.hpp"
#include "word.hpp"

namespace rmq::ring::test {
namespace {

std::string at(const char* what, uint64_t value) { return std::string(what) + " " + std::to_string(value); }

std::string auditLists(const View& v) {
  const AllocLine& a = v.h->alloc;
  std::vector<char> seen(v.g.descriptors, 0);
  uint64_t end = 0;
  uint32_t prev = kNone;
  bool handSeen = a.hand == kNone;
  for (uint32_t id = a.head; id != kNone; id = v.links[id].next) {
    if (id >= v.g.descriptors) return at("extent list leads out at", id);
    if (seen[id]++) return at("extent listed twice", id);
    const Descriptor& d = v.desc[id];
    if (v.links[id].prev != prev) return at("prev link of", id);
    const uint64_t off = d.off.load();
    const uint64_t foot = d.foot.load();
    if (foot == 0 || off < end) return at("overlap at descriptor", id);
    if (id == a.hand) {
      handSeen = true;
      if (a.apos > off || a.apos < end) return at("apos does not fit the hand", a.apos);
    }
    end = off + foot;
    if (word::state(d.word.load()) == State::free) return at("FREE extent in the list", id);
    prev = id;
  }
  if (end > v.arenaUnits()) return "extent beyond the arena";
  if (a.tail != prev) return "tail";
  if (!handSeen) return "hand is not in the list";
  if (a.hand == kNone && a.apos < end) return "apos inside the last extent";
  for (uint32_t id = a.freeHead; id != kNone; id = v.links[id].next) {
    if (id >= v.g.descriptors) return at("free list leads out at", id);
    if (seen[id]++) return at("in both lists, or free twice", id);
    if (word::state(v.desc[id].word.load()) != State::free) return at("not FREE in the free list", id);
  }
  for (uint32_t id = 0; id < v.g.descriptors; ++id) {
    if (!seen[id]) return at("lost descriptor", id);
  }
  return "";
}

std::string auditRecords(const View& v) {
  const uint64_t next = v.h->pub.nextSeq.load();
  const uint64_t oldest = v.h->oldest.seq.load();
  std::map<uint64_t, uint32_t> live;
  for (uint32_t id = 0; id < v.g.descriptors; ++id) {
    if (word::state(v.desc[id].word.load()) != State::live) continue;
    const uint64_t seq = v.desc[id].seq.load();
    if (!live.emplace(seq, id).second) return at("two records numbered", seq);
    if (seq >= next) return at("unacknowledged record", seq);
    if (seq < oldest) return at("LIVE below oldest", seq);
    if (indexed(v, seq) != id) return at("not indexed:", seq);
    if (v.desc[id].len.load() > uint64_t{v.desc[id].foot.load()} * kUnit) return at("longer than its extent:", seq);
  }
  if (live.size() > v.g.maxRecords) return at("too many records:", live.size());
  uint64_t ts = 0;
  for (const auto& [seq, id] : live) {
    const uint64_t t = v.desc[id].monoNs.load();
    if (t < ts) return at("time runs backwards at", seq);
    ts = t;
  }
  return "";
}

}  // namespace

std::string audit(Ring& ring) {
  Core& core = ring.core();
  const Status s = lock(core);
  if (s != Status::ok) return std::string("lock: ") + statusName(s);
  std::string error = auditLists(core.v);
  if (error.empty()) error = auditRecords(core.v);
  unlock(core);
  return error;
}

std::string auditIdle(Ring& ring) {
  const View& v = ring.core().v;
  const uint32_t me = ring.participant();
  for (uint32_t id = 0; id < v.g.descriptors; ++id) {
    const uint64_t w = v.desc[id].word.load();
    if (word::state(w) == State::loaned) return at("open loan of participant", word::owner(w));
  }
  for (uint32_t p = 0; p < v.g.participants; ++p) {
    if (p == me) continue;
    const Participant& part = v.parts[p];
    const uint64_t bit = 1ull << (p % 64);
    if (part.pid.load() != 0) return at("used place", p);
    if (part.pinned.load() != 0) return at("pinned bytes of", p);
    for (const auto& l : part.lease) {
      if (l.load() != 0) return at("hazard of", p);
    }
    if ((v.h->leases.mask[p / 64].load() | v.h->bells.wait[p / 64].load() | v.h->bells.sleep[p / 64].load() |
         v.h->space.mask[p / 64].load()) &
        bit) {
      return at("mask bit of", p);
    }
  }
  return "";
}

}  // namespace rmq::ring::test
