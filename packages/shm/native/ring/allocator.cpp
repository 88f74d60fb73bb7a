#include "allocator.hpp"

#include "burial.hpp"
#include "extents.hpp"
#include "records.hpp"
#include "step.hpp"
#include "sync.hpp"
#include "word.hpp"

namespace rmq::ring {
namespace {

struct Request {
  uint64_t units;
  uint64_t align;  // in units
};

uint64_t alignUp(uint64_t units, uint64_t align) { return (units + align - 1) & ~(align - 1); }

// What stays where it is for now. In a queue that is every record, until it is
// taken.
bool isWall(const View& v, uint32_t id, uint64_t w) {
  if (word::state(w) == State::loaned) return true;
  if (word::state(w) == State::live && v.g.mode == kModeQueue) return true;
  return word::leased(w) && hazarded(v, id, w);
}

// Would the request fit if every record that nobody holds were evicted? Asked
// once per allocation, when it first meets a wall: refusing then costs no
// record, while evicting first and refusing later would empty the ring.
// `held`: something that a process holds is in the way too.
bool feasible(const Core& core, const Request& r, bool& held) {
  const View& v = core.v;
  uint64_t start = 0;
  held = false;
  uint32_t id = v.h->alloc.head;
  for (uint32_t n = 0; id != kNone && n <= v.g.descriptors; ++n) {
    if (!v.validId(id)) return false;
    const Descriptor& d = v.desc[id];
    const uint64_t w = d.word.load(std::memory_order_acquire);
    if (isWall(v, id, w)) {
      held |= v.g.mode == kModeTopic || word::state(w) != State::live;
      const uint64_t off = d.off.load(std::memory_order_relaxed);
      if (alignUp(start, r.align) + r.units <= off) return true;
      start = off + d.foot.load(std::memory_order_relaxed);
    }
    id = v.links[id].next;
  }
  return alignUp(start, r.align) + r.units <= v.arenaUnits();
}

// Moves apos and hand until a gap of the requested size begins at apos.
Status findGap(Core& core, const Request& r) {
  View& v = core.v;
  AllocLine& a = v.h->alloc;
  bool knownFeasible = false;
  int wraps = 0;
  // Three laps over intact lists end long before this.
  for (uint64_t budget = 8ull * v.g.descriptors + 64; budget > 0; --budget) {
    if (a.hand != kNone && !v.validId(a.hand)) return core.poison();
    const uint64_t end = a.hand == kNone ? v.arenaUnits() : v.desc[a.hand].off.load(std::memory_order_relaxed);
    if (end > v.arenaUnits()) return core.poison();
    const uint64_t start = alignUp(a.apos, r.align);
    if (start <= end && end - start >= r.units) {
      a.apos = start;
      return Status::ok;
    }
    if (a.hand == kNone) {
      if (++wraps == 3) return Status::pinned;
      a.apos = 0;
      a.hand = a.head;
      continue;
    }

    const uint32_t id = a.hand;
    Descriptor& d = v.desc[id];
    const uint64_t w = d.word.load(std::memory_order_acquire);
    bool wall = false;
    bool reclaimed = false;
    switch (word::state(w)) {
      case State::live:
        if (v.g.mode == kModeQueue) {
          wall = true;
          break;
        }
        // Records commit in another order than they were allocated when loans
        // stay open; the first lap waits for the oldest, the second does not.
        if (wraps < 2 && d.seq.load(std::memory_order_relaxed) != advanceOldest(core)) break;
        if (killRecord(d, w)) {
          bumpLocked(v.h->count.evicted);
          RMQ_STEP(evictMarked);
        }
        continue;
      case State::dead: {
        const Status s = reclaim(core, id, reclaimed);
        if (s != Status::ok) return s;
        wall = !reclaimed;
        break;
      }
      case State::loaned:
        if (seenDead(core, word::owner(w)) && bury(core, word::owner(w))) continue;
        // The owner may have discarded it by now; the next lap will see.
        wall = true;
        break;
      default:
        return core.poison();
    }
    if (reclaimed) continue;
    if (wall && !knownFeasible) {
      bool held;
      if (!feasible(core, r, held)) return held ? Status::pinned : Status::full;
      knownFeasible = true;
    }
    a.apos = uint64_t{d.off.load(std::memory_order_relaxed)} + d.foot.load(std::memory_order_relaxed);
    a.hand = v.links[id].next;
  }
  return core.poison();
}

Status ensureDescriptor(Core& core) {
  AllocLine& a = core.v.h->alloc;
  // Popped and discarded records keep their descriptors until the hand comes
  // by; with small records the descriptors run out long before the bytes.
  for (int attempt = 0; a.freeHead == kNone; ++attempt) {
    if (attempt == 2 || (attempt == 1 && reap(core) == 0)) return Status::pinned;
    const Status s = sweep(core);
    if (s != Status::ok) return s;
  }
  return core.v.validId(a.freeHead) ? Status::ok : core.poison();
}

uint32_t claimGap(Core& core, const Request& r, uint64_t start) {
  View& v = core.v;
  AllocLine& a = v.h->alloc;
  const uint32_t id = a.freeHead;
  Descriptor& d = v.desc[id];
  a.freeHead = v.links[id].next;
  RMQ_STEP(allocPopped);
  d.off.store(static_cast<uint32_t>(start), std::memory_order_relaxed);
  d.foot.store(static_cast<uint32_t>(r.units), std::memory_order_relaxed);
  RMQ_STEP(allocFields);
  const uint64_t w = d.word.load(std::memory_order_relaxed);
  d.word.store(word::make(State::loaned, core.me, word::nextGeneration(w)), std::memory_order_release);
  // SYNC POINT: release fence between the DEAD that another writer may have
  // fenced and reclaimed, known to us through the lock, and our payload stores;
  // partner: the acquire fence of copying readers in validate().
  releaseFence();
  RMQ_STEP(allocLoaned);
  return id;
}

}  // namespace

Status allocate(Core& core, uint64_t bytes, uint64_t alignment, Room& room) {
  View& v = core.v;
  const Request r{footprint(bytes) / kUnit, alignment / kUnit};
  Status s = ensureDescriptor(core);
  if (s == Status::ok) s = findGap(core, r);
  // Whatever is in the way may belong to the dead.
  if (s == Status::pinned && reap(core) > 0) {
    s = ensureDescriptor(core);
    if (s == Status::ok) s = findGap(core, r);
  }
  // Those at work in a queue let go by themselves: waiting is all there is to do.
  if (s == Status::pinned && v.g.mode == kModeQueue) s = Status::full;
  if (s != Status::ok) return s;
  const uint64_t start = v.h->alloc.apos;
  if (start > v.arenaUnits() || r.units > v.arenaUnits() - start) return core.poison();
  room.offset = start * kUnit;
  room.id = claimGap(core, r, start);
  if (!linkBeforeHand(core, room.id)) return core.poison();
  v.h->alloc.apos = start + r.units;
  RMQ_STEP(allocPlaced);
  return Status::ok;
}

void shrink(Core& core, uint32_t id, uint64_t bytes) {
  AllocLine& a = core.v.h->alloc;
  Descriptor& d = core.v.desc[id];
  const uint64_t off = d.off.load(std::memory_order_relaxed);
  const uint64_t before = d.foot.load(std::memory_order_relaxed);
  const uint64_t after = footprint(bytes) / kUnit;
  if (after >= before) return;
  d.foot.store(static_cast<uint32_t>(after), std::memory_order_relaxed);
  // Only the youngest extent ends where the gap begins.
  if (a.apos == off + before) a.apos = off + after;
  RMQ_STEP(commitShrunk);
}

}  // namespace rmq::ring
