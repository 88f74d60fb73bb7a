#include <gtest/gtest.h>

#include <random>

#include "allocator.hpp"
#include "burial.hpp"
#include "publish.hpp"
#include "rebuild.hpp"
#include "ring-lock.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"
#include "word.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

Options options() {
  Options o;
  o.capacityBytes = 64 * 1024;
  o.maxRecords = 64;
  o.participants = 6;
  return o;
}

void put(Ring& ring, int count, uint64_t length = 700) {
  std::vector<uint8_t> data(length);
  for (int i = 0; i < count; ++i) {
    fillPattern(data.data(), length, static_cast<uint64_t>(i));
    ASSERT_EQ(ring.put(data.data(), length, {}, nullptr), Status::ok);
  }
}

TEST(Recovery, LoanOfTheDeadIsBuriedAtTheHandWithoutAnyAttach) {
  PlainMemory memory(options());
  Member writer(memory);
  Member victim(memory);
  Loan loan;
  ASSERT_EQ(victim->loan(60 * 1024, 64, loan), Status::ok);
  victim.die();
  // Only a put that needs the room meets the loan; nobody attaches or reaps.
  std::vector<uint8_t> data(32 * 1024);
  ASSERT_EQ(writer->put(data.data(), data.size(), {}, nullptr), Status::ok);
  EXPECT_EQ(writer->counters().burials, 1u);
  EXPECT_EQ(writer->counters().aborted, 1u);
  EXPECT_EQ(audit(writer.ring()), "");
  EXPECT_EQ(auditIdle(writer.ring()), "");
}

TEST(Recovery, LeasesOfTheDeadAreBuriedWhenTheyBlock) {
  PlainMemory memory(options());
  Member writer(memory);
  Member victim(memory);
  std::vector<uint8_t> data(12 * 1024);
  ASSERT_EQ(writer->put(data.data(), data.size(), {}, nullptr), Status::ok);
  Lease lease;
  ASSERT_EQ(victim->lease(1, lease), Status::ok);
  victim->setBell(11, 12);
  ASSERT_EQ(victim->arm(99), Status::ok);
  victim.die();
  std::vector<uint8_t> all(64 * 1024);
  ASSERT_EQ(writer->put(all.data(), all.size(), {}, nullptr), Status::ok);
  EXPECT_EQ(writer->counters().burials, 1u);
  EXPECT_EQ(writer.bells.removed, 1);
  EXPECT_EQ(writer.bells.lastRemoved, 11u);
  EXPECT_EQ(auditIdle(writer.ring()), "");
}

TEST(Recovery, LeaseOfTheLivingBlocksAndIsAskedRarely) {
  PlainMemory memory(options());
  Member writer(memory);
  Member holder(memory);
  Loan loan;
  ASSERT_EQ(holder->loan(1000, 64, loan), Status::ok);
  put(writer.ring(), 2000);
  EXPECT_LE(writer.liveness.asked, 1) << "at most once in 10 ms of (standing) time";
  memory.clock.advance(20000000);
  put(writer.ring(), 2000);
  EXPECT_LE(writer.liveness.asked, 2);
  EXPECT_TRUE(holder->isOpen(loan));
}

TEST(Recovery, ReapBuriesAllTheDeadOnce) {
  PlainMemory memory(options());
  Member m(memory);
  std::vector<std::unique_ptr<Member>> victims;
  for (int i = 0; i < 4; ++i) {
    victims.push_back(std::make_unique<Member>(memory));
    Loan loan;
    ASSERT_EQ(victims.back()->ring().loan(100, 64, loan), Status::ok);
  }
  for (auto& v : victims) v->die();
  EXPECT_EQ(m->reapDead(), 4u);
  EXPECT_EQ(m->reapDead(), 0u);
  EXPECT_EQ(auditIdle(m.ring()), "");
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Recovery, NewcomerCleansUpAfterItsPredecessor) {
  PlainMemory memory(options());
  Member first(memory);
  const uint32_t place = first->participant();
  std::vector<std::unique_ptr<Member>> others;
  for (int i = 0; i < 5; ++i) others.push_back(std::make_unique<Member>(memory));
  Member late(memory);
  EXPECT_EQ(late.joined, Status::participantsFull);
  Loan loan;
  ASSERT_EQ(first->loan(100, 64, loan), Status::ok);
  ASSERT_EQ(lock(first->core()), Status::ok);
  first->core().v.h->alloc.freeHead = 3;  // half-changed lists
  first.die();
  Member heir(memory);
  ASSERT_EQ(heir.joined, Status::ok);
  EXPECT_EQ(heir->participant(), place);
  EXPECT_EQ(heir->counters().rebuilds, 1u);
  EXPECT_EQ(audit(heir.ring()), "");
  others.clear();
  EXPECT_EQ(auditIdle(heir.ring()), "");
  put(heir.ring(), 200);
}

TEST(Recovery, LockOfTheDeadIsTakenOverAndListsAreMadeAnew) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    PlainMemory memory(options());
    Member survivor(memory);
    Member victim(memory);
    put(victim.ring(), static_cast<int>(random() % 200), 100 + random() % 900);
    Loan open;
    if (random() % 2) ASSERT_EQ(victim->loan(2000, 64, open), Status::ok);
    Loan kept;
    ASSERT_EQ(survivor->loan(500, 64, kept), Status::ok);
    ASSERT_EQ(lock(victim->core()), Status::ok);
    // A dying writer leaves its private lists in any state at all.
    View& v = victim->core().v;
    for (uint32_t i = 0; i < v.g.descriptors; ++i) {
      v.links[i].next = static_cast<uint32_t>(random());
      v.links[i].prev = static_cast<uint32_t>(random());
    }
    v.h->alloc.apos = random();
    v.h->alloc.hand = static_cast<uint32_t>(random());
    v.h->alloc.head = static_cast<uint32_t>(random());
    v.h->alloc.freeHead = static_cast<uint32_t>(random());
    const uint64_t live = survivor->live().records;
    victim.die();
    put(survivor.ring(), 1);
    EXPECT_EQ(survivor->counters().rebuilds, 1u);
    EXPECT_GE(survivor->live().records + 2, live);
    EXPECT_EQ(audit(survivor.ring()), "");
    fillPattern(kept.data, 500, 9);
    EXPECT_EQ(survivor->commit(kept, 500, {}, nullptr), Status::ok);
    put(survivor.ring(), 300);
    EXPECT_EQ(audit(survivor.ring()), "");
  }
}

TEST(Recovery, UnacknowledgedRecordIsTakenBackAndItsNumberReused) {
  PlainMemory memory(options());
  Member survivor(memory);
  Member victim(memory);
  put(victim.ring(), 3);
  ASSERT_EQ(lock(victim->core()), Status::ok);
  Room room;
  ASSERT_EQ(allocate(victim->core(), 100, 64, room), Status::ok);
  const uint64_t seq = publish(victim->core(), room.id, 100, Stamp{});
  // As if it had died before the last store.
  victim->core().v.h->pub.nextSeq.store(seq);
  victim.die();
  Found f;
  EXPECT_EQ(survivor->findRecord(seq, f), Status::empty);
  uint64_t again = 0;
  ASSERT_EQ(survivor->put("new", 3, {}, &again), Status::ok);
  EXPECT_EQ(again, seq);
  ASSERT_EQ(survivor->findRecord(seq, f), Status::ok);
  EXPECT_EQ(f.record.length, 3u);
  EXPECT_EQ(audit(survivor.ring()), "");
}

TEST(Recovery, RebuildTwiceIsRebuildOnce) {
  PlainMemory memory(options());
  Member m(memory);
  put(m.ring(), 150);
  ASSERT_EQ(lock(m->core()), Status::ok);
  ASSERT_EQ(rebuild(m->core()), Status::ok);
  std::vector<uint8_t> once(memory.bytes(), memory.bytes() + memory.geometry.totalBytes);
  m->core().v.h->count.rebuilds.store(0);
  ASSERT_EQ(rebuild(m->core()), Status::ok);
  unlock(m->core());
  std::vector<uint8_t> twice(memory.bytes(), memory.bytes() + memory.geometry.totalBytes);
  reinterpret_cast<Header*>(twice.data())->lock.word.store(
      reinterpret_cast<Header*>(once.data())->lock.word.load());
  EXPECT_EQ(once, twice);
}

TEST(Recovery, ReadersSeeEveryRecordDuringARebuild) {
  PlainMemory memory(options());
  Member m(memory);
  put(m.ring(), 64);
  const uint64_t before = m->live().records;
  ASSERT_EQ(lock(m->core()), Status::ok);
  ASSERT_EQ(rebuild(m->core()), Status::ok);
  EXPECT_EQ(m->live().records, before);
  unlock(m->core());
}

TEST(Recovery, DamageThatNoWriterLeavesPoisons) {
  for (int kind = 0; kind < 4; ++kind) {
    PlainMemory memory(options());
    Member survivor(memory);
    Member victim(memory);
    put(victim.ring(), 20);
    ASSERT_EQ(lock(victim->core()), Status::ok);
    Descriptor& d = victim->core().v.desc[5];
    if (kind == 0) d.off.store(0xFFFFFFFF);
    if (kind == 1) d.foot.store(0);
    if (kind == 2) d.foot.store(5000);
    if (kind == 3) d.word.store((d.word.load() & ~0x7Full) | 9);
    victim.die();
    EXPECT_EQ(survivor->put("x", 1, {}, nullptr), Status::corrupt);
    EXPECT_TRUE(survivor->poisoned());
    Collect sink;
    EXPECT_EQ(survivor->peek(0, sink, nullptr), Status::corrupt);
    Lease lease;
    EXPECT_EQ(survivor->lease(1, lease), Status::corrupt);
    EXPECT_EQ(survivor->waitFor(99, 1000), Status::corrupt);
  }
}

TEST(Recovery, LivingOwnerThatKeepsTheLockIsReported) {
  PlainMemory memory(options());
  Member stuck(memory);
  ASSERT_EQ(lock(stuck->core()), Status::ok);
  FakeLiveness life(memory.house, 777);
  MonotonicClock clock;
  Ring other;
  ASSERT_EQ(other.bind(memory.bytes(), memory.geometry, {&life, &clock, nullptr, 20000000}), Status::ok);
  ASSERT_EQ(other.join(Self{1, 1, 1}), Status::ok);
  const uint64_t start = clock.nowNs();
  EXPECT_EQ(other.put("x", 1, {}, nullptr), Status::writerStalled);
  EXPECT_EQ(other.stalledPid(), static_cast<uint64_t>(stuck.who));
  EXPECT_GE(clock.nowNs() - start, 20000000u);
  Loan loan;
  EXPECT_EQ(other.loan(5000, 64, loan), Status::writerStalled);
  unlock(stuck->core());
  ASSERT_EQ(other.loan(5000, 64, loan), Status::ok);
  ASSERT_EQ(lock(stuck->core()), Status::ok);
  EXPECT_EQ(other.commit(loan, 5000, {}, nullptr), Status::writerStalled);
  EXPECT_TRUE(other.isOpen(loan)) << "can be tried again";
  unlock(stuck->core());
  EXPECT_EQ(other.commit(loan, 5000, {}, nullptr), Status::ok);
  EXPECT_EQ(other.put("x", 1, {}, nullptr), Status::ok);
}

}  // namespace
