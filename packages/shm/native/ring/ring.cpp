#include "ring.hpp"

#include "burial.hpp"
#include "records.hpp"
#include "step.hpp"
#include "word.hpp"

namespace rmq::ring {

Status Ring::bind(void* memory, const Geometry& geometry, const Surroundings& surroundings) {
  core_.v = viewOf(memory, geometry);
  core_.liveness = surroundings.liveness;
  core_.clock = surroundings.clock;
  core_.bells = surroundings.bells;
  core_.lockTimeoutNs = surroundings.lockTimeoutNs;
  core_.me = kNone;
  closed_ = false;
  knownNext_ = 0;
  knownRetired_ = false;
  return prepareCore(core_) ? Status::ok : Status::systemError;
}

Status Ring::join(const Self& self) {
  if (closed_ || !observing()) return Status::invalidArgument;
  View& v = core_.v;
  // Clean places first: the leftovers of the dead can wait for a reaper.
  for (int pass = 0; pass < 2; ++pass) {
    for (uint32_t p = 0; p < v.g.participants; ++p) {
      Participant& part = v.parts[p];
      if (pass == 0 && part.pid.load(std::memory_order_acquire) != 0) continue;
      if (!core_.liveness->claim(p)) continue;
      core_.me = p;
      RMQ_STEP(joinClaimed);
      cleanAfter(core_, p);
      RMQ_STEP(joinCleaned);
      part.epoch.fetch_add(1, std::memory_order_relaxed);
      RMQ_STEP(joinEpoch);
      part.startTime.store(self.startTime, std::memory_order_relaxed);
      part.pidNamespace.store(self.pidNamespace, std::memory_order_relaxed);
      part.pid.store(self.pid, std::memory_order_release);
      RMQ_STEP(joinDone);
      return Status::ok;
    }
  }
  return Status::participantsFull;
}

void Ring::leave() {
  if (closed_ || observing()) {
    closed_ = true;
    return;
  }
  const uint32_t me = core_.me;
  // The bell serves other rings of the same environment: not ours to remove.
  setBell(0, 0);
  cleanAfter(core_, me);
  RMQ_STEP(leaveDone);
  core_.liveness->release(me);
  core_.me = kNone;
  loansOpen_ = 0;
  leasesHeld_ = 0;
  closed_ = true;
}

Status Ring::mayRead() const {
  if (closed_) return Status::closed;
  return core_.poisoned() ? Status::corrupt : Status::ok;
}

Status Ring::mayWrite() const {
  if (!closed_ && observing()) return Status::unsupported;
  return mayRead();
}

uint64_t Ring::oldestSeq() const { return oldestBound(core_.v, nextSeq()); }

Live Ring::live() const { return count(0); }

Live Ring::readable() const { return count(core_.v.g.ttlNs == 0 ? 0 : core_.clock->nowNs()); }

Live Ring::count(uint64_t nowNs) const {
  Live live;
  const uint64_t next = nextSeq();
  Found found;
  for (uint64_t s = oldestBound(core_.v, next); s < next; ++s) {
    if (find(core_.v, s, found) != Status::ok || isExpired(core_.v, found.record, nowNs)) continue;
    ++live.records;
    live.bytes += found.record.length;
  }
  return live;
}

Counters Ring::counters() const {
  const CountLine& c = core_.v.h->count;
  Counters out;
  out.published = nextSeq() - 1;
  out.publishedBytes = c.publishedBytes.load(std::memory_order_relaxed);
  out.evicted = c.evicted.load(std::memory_order_relaxed);
  out.expired = c.expired.load(std::memory_order_relaxed);
  out.popped = isQueue() ? out.published - depth() : c.popped.load(std::memory_order_relaxed);
  out.aborted = c.aborted.load(std::memory_order_relaxed);
  out.rejected = c.rejected.load(std::memory_order_relaxed);
  out.rebuilds = c.rebuilds.load(std::memory_order_relaxed);
  out.burials = c.burials.load(std::memory_order_relaxed);
  return out;
}

bool Ring::participantInfo(uint32_t index, ParticipantInfo& info) {
  if (index >= core_.v.g.participants) return false;
  const Participant& p = core_.v.parts[index];
  info = ParticipantInfo{};
  info.index = index;
  info.self.pid = p.pid.load(std::memory_order_acquire);
  if (info.self.pid == 0) return false;
  info.epoch = p.epoch.load(std::memory_order_relaxed);
  info.self.startTime = p.startTime.load(std::memory_order_relaxed);
  info.self.pidNamespace = p.pidNamespace.load(std::memory_order_relaxed);
  info.alive = index == core_.me || core_.liveness->alive(index);
  info.pinnedBytes = p.pinned.load(std::memory_order_relaxed);
  for (const auto& entry : p.lease) info.leases += entry.load(std::memory_order_relaxed) != 0 ? 1 : 0;
  return true;
}

uint32_t Ring::reapDead() { return mayWrite() == Status::ok ? reap(core_) : 0; }

}  // namespace rmq::ring
