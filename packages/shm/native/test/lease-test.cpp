#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

Options options(uint64_t budget = 0) {
  Options o;
  o.capacityBytes = 64 * 1024;
  o.maxRecords = 32;
  o.participants = 4;
  o.leaseBudgetBytes = budget;
  return o;
}

uint64_t putTagged(Ring& ring, uint64_t tag, uint64_t length = 1000) {
  std::vector<uint8_t> data(length);
  fillPattern(data.data(), length, tag);
  uint64_t seq = 0;
  EXPECT_EQ(ring.put(data.data(), length, {}, &seq), Status::ok);
  return seq;
}

TEST(Lease, BytesStayWhileTheRingIsLappedManyTimes) {
  PlainMemory memory(options());
  Member writer(memory);
  Member reader(memory);
  putTagged(writer.ring(), 7);
  Lease lease;
  ASSERT_EQ(reader->leaseNewest(lease), Status::ok);
  for (uint64_t i = 0; i < 1000; ++i) putTagged(writer.ring(), 100 + i, 900);
  EXPECT_EQ(patternTag(lease.data), 7u);
  EXPECT_TRUE(wholePattern(lease.data, lease.record.length));
  Found f;
  EXPECT_EQ(reader->findRecord(1, f), Status::gone) << "retention is not the lease's business";
  reader->unlease(lease);
  for (uint64_t i = 0; i < 200; ++i) putTagged(writer.ring(), 5000 + i, 900);
  EXPECT_EQ(audit(writer.ring()), "");
  EXPECT_EQ(auditIdle(writer.ring()).find("hazard"), std::string::npos);
}

TEST(Lease, SurvivesBeingPoppedByAnother) {
  PlainMemory memory(options());
  Member a(memory);
  Member b(memory);
  putTagged(a.ring(), 42);
  Lease lease;
  ASSERT_EQ(b->lease(1, lease), Status::ok);
  Collect sink;
  ASSERT_EQ(a->pop(1, sink, nullptr), Status::ok);
  for (uint64_t i = 0; i < 300; ++i) putTagged(a.ring(), i);
  EXPECT_TRUE(wholePattern(lease.data, lease.record.length));
  EXPECT_EQ(patternTag(lease.data), 42u);
  b->unlease(lease);
}

TEST(Lease, TakenRecordLeavesTheRingAndKeepsItsBytes) {
  PlainMemory memory(options());
  Member a(memory);
  Member b(memory);
  for (uint64_t i = 1; i <= 3; ++i) putTagged(a.ring(), i);
  Lease mine;
  Lease theirs;
  ASSERT_EQ(a->lease(1, mine), Status::ok);
  ASSERT_EQ(b->lease(1, theirs), Status::ok);
  EXPECT_EQ(a->take(mine), Status::ok);
  EXPECT_EQ(b->take(theirs), Status::gone) << "two consumers, one record";
  EXPECT_EQ(a->take(mine), Status::gone) << "not twice either";
  EXPECT_EQ(a->counters().popped, 1u);
  EXPECT_EQ(a->oldestSeq(), 2u);
  for (uint64_t i = 0; i < 300; ++i) putTagged(b.ring(), 100 + i);
  EXPECT_EQ(patternTag(mine.data), 1u);
  EXPECT_TRUE(wholePattern(mine.data, mine.record.length));
  Lease evicted;
  ASSERT_EQ(a->leaseNewest(evicted), Status::ok);
  for (uint64_t i = 0; i < 300; ++i) putTagged(b.ring(), 500 + i);
  EXPECT_EQ(a->take(evicted), Status::gone);
  EXPECT_EQ(a->counters().popped, 1u);
  for (Lease* l : {&mine, &evicted}) a->unlease(*l);
  b->unlease(theirs);
  EXPECT_EQ(a->take(mine), Status::staleHandle);
  EXPECT_EQ(auditIdle(a.ring()).find("hazard"), std::string::npos);
}

TEST(Lease, OfADeadRecordIsGone) {
  PlainMemory memory(options());
  Member m(memory);
  putTagged(m.ring(), 1);
  Collect sink;
  ASSERT_EQ(m->pop(1, sink, nullptr), Status::ok);
  Lease lease;
  EXPECT_EQ(m->lease(1, lease), Status::gone);
  EXPECT_EQ(m->lease(2, lease), Status::empty);
  EXPECT_EQ(m->leasesHeld(), 0u);
  EXPECT_EQ(m->core().v.h->leases.mask[0].load(), 0u);
}

// The clock is asked between finding the record and leasing it: the one place
// where a test without threads can slip a writer in between.
class MeddlingClock final : public Clock {
 public:
  uint64_t nowNs() override {
    if (meddle) {
      auto once = std::move(meddle);
      meddle = nullptr;
      once();
    }
    return 1000;
  }
  std::function<void()> meddle;
};

TEST(Lease, LapBetweenFindAndLeaseIsNoticed) {
  Options o = options();
  o.ttlNs = 1000000;
  PlainMemory memory(o);
  Member writer(memory);
  FakeLiveness life(memory.house, 999);
  MeddlingClock clock;
  Ring reader;
  ASSERT_EQ(reader.bind(memory.bytes(), memory.geometry, {&life, &clock, nullptr, 1000000}), Status::ok);
  ASSERT_EQ(reader.join(Self{9, 9, 9}), Status::ok);
  putTagged(writer.ring(), 1);
  clock.meddle = [&] {
    for (uint64_t i = 0; i < 100; ++i) putTagged(writer.ring(), i, 2000);
  };
  Lease lease;
  EXPECT_EQ(reader.lease(1, lease), Status::gone);
  EXPECT_EQ(reader.leasesHeld(), 0u);
  EXPECT_EQ(memory.geometry.participants, 4u);
  EXPECT_EQ(reader.core().v.parts[reader.participant()].pinned.load(), 0u);
}

TEST(Lease, BudgetIsSharedAndRefusalsLeaveNothing) {
  PlainMemory memory(options(4096));
  Member a(memory);
  Member b(memory);
  for (uint64_t i = 0; i < 8; ++i) putTagged(a.ring(), i, 1024);
  Lease l[5];
  ASSERT_EQ(a->lease(1, l[0]), Status::ok);
  ASSERT_EQ(a->lease(2, l[1]), Status::ok);
  ASSERT_EQ(b->lease(3, l[2]), Status::ok);
  ASSERT_EQ(b->lease(4, l[3]), Status::ok);
  EXPECT_EQ(a->lease(5, l[4]), Status::leaseLimit);
  EXPECT_EQ(b->lease(5, l[4]), Status::leaseLimit);
  EXPECT_EQ(a->leasesHeld(), 2u);
  a->unlease(l[0]);
  EXPECT_EQ(b->lease(5, l[4]), Status::ok);
  for (auto& lease : {&l[1]}) a->unlease(*lease);
  for (auto& lease : {&l[2], &l[3], &l[4]}) b->unlease(*lease);
  ParticipantInfo info;
  ASSERT_TRUE(a->participantInfo(b->participant(), info));
  EXPECT_EQ(info.pinnedBytes, 0u);
  EXPECT_EQ(info.leases, 0u);
  EXPECT_TRUE(info.alive);
}

TEST(Lease, SlotsAreLimited) {
  PlainMemory memory(options(64 * 1024));
  Member m(memory);
  for (uint64_t i = 0; i < 20; ++i) putTagged(m.ring(), i, 64);
  Lease l[kLeasesEach];
  for (uint32_t i = 0; i < kLeasesEach; ++i) ASSERT_EQ(m->lease(i + 1, l[i]), Status::ok);
  Lease more;
  EXPECT_EQ(m->lease(18, more), Status::leaseLimit);
  m->unlease(l[3]);
  EXPECT_EQ(m->lease(18, more), Status::ok);
  m->unlease(more);
  m->unlease(more);  // harmless twice
  for (uint32_t i = 0; i < kLeasesEach; ++i) m->unlease(l[i]);
  EXPECT_EQ(m->leasesHeld(), 0u);
}

TEST(Lease, ReferenceNeverWraps) {
  PlainMemory memory(options());
  Member m(memory);
  std::mt19937_64 random(11);
  for (uint64_t i = 0; i < 3000; ++i) {
    const uint64_t length = 8 + random() % 5000;
    const uint64_t seq = putTagged(m.ring(), i, length);
    Lease lease;
    ASSERT_EQ(m->lease(seq, lease), Status::ok);
    const Reference r = m->reference(lease);
    ASSERT_EQ(r.length, length);
    ASSERT_LE(r.start + r.length, r.totalBytes);
    ASSERT_EQ(patternTag(memory.bytes() + r.start), i);
    ASSERT_TRUE(wholePattern(memory.bytes() + r.start, r.length));
    m->unlease(lease);
  }
}

TEST(Loan, CommitAndDiscard) {
  PlainMemory memory(options());
  Member m(memory);
  Loan a;
  Loan b;
  ASSERT_EQ(m->loan(1000, 64, a), Status::ok);
  ASSERT_EQ(m->loan(1000, 4096, b), Status::ok);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(b.data) % 4096, 0u);
  fillPattern(b.data, 500, 77);
  uint64_t seq = 0;
  EXPECT_EQ(m->commit(b, 1001, {}, &seq), Status::invalidArgument);
  EXPECT_EQ(m->commit(b, 500, {}, &seq), Status::ok);
  EXPECT_EQ(seq, 1u) << "numbers are given at commit: the older loan has none yet";
  fillPattern(a.data, 1000, 78);
  EXPECT_EQ(m->commit(a, 1000, {}, &seq), Status::ok);
  EXPECT_EQ(seq, 2u);
  EXPECT_EQ(m->commit(a, 1000, {}, &seq), Status::staleHandle);
  Loan c;
  ASSERT_EQ(m->loan(10, 64, c), Status::ok);
  EXPECT_TRUE(m->isOpen(c));
  EXPECT_EQ(m->discard(c), Status::ok);
  EXPECT_FALSE(m->isOpen(c));
  EXPECT_EQ(m->discard(c), Status::staleHandle);
  EXPECT_EQ(m->loansOpen(), 0u);
  EXPECT_EQ(m->loan(10, 3, c), Status::invalidArgument);
  EXPECT_EQ(m->loan(10, 8192, c), Status::invalidArgument);
  EXPECT_EQ(m->loan(1 << 20, 64, c), Status::tooLarge);
  Collect sink;
  EXPECT_EQ(m->peek(0, sink, nullptr), Status::ok);
  ASSERT_EQ(sink.got.size(), 2u);
  EXPECT_EQ(patternTag(sink.got[0].bytes.data()), 77u);
  EXPECT_EQ(sink.got[0].record.length, 500u);
  EXPECT_EQ(audit(m.ring()), "");
}

TEST(Loan, OfAnotherParticipantIsNotMine) {
  PlainMemory memory(options());
  Member a(memory);
  Member b(memory);
  Loan loan;
  ASSERT_EQ(a->loan(10, 64, loan), Status::ok);
  EXPECT_EQ(b->commit(loan, 10, {}, nullptr), Status::staleHandle);
  EXPECT_EQ(b->discard(loan), Status::staleHandle);
  EXPECT_EQ(a->commit(loan, 10, {}, nullptr), Status::ok);
}

TEST(Loan, CommittedShortGivesItsTailBack) {
  PlainMemory memory(options());
  Member m(memory);
  for (int i = 0; i < 500; ++i) {
    Loan loan;
    ASSERT_EQ(m->loan(30000, 64, loan), Status::ok);
    fillPattern(loan.data, 100, 5);
    ASSERT_EQ(m->commit(loan, 100, {}, nullptr), Status::ok);
    ASSERT_EQ(audit(m.ring()), "");
  }
  EXPECT_EQ(m->live().records, 32u) << "short records, so all 32 fit";
}

TEST(Leave, GivesEverythingBack) {
  PlainMemory memory(options());
  Member stays(memory);
  {
    Member goes(memory);
    putTagged(stays.ring(), 1);
    Lease lease;
    Loan loan;
    ASSERT_EQ(goes->lease(1, lease), Status::ok);
    ASSERT_EQ(goes->loan(100, 64, loan), Status::ok);
    goes->setBell(5, 6);
    ASSERT_EQ(goes->arm(2), Status::ok);
    goes->leave();
    EXPECT_EQ(goes.bells.removed, 0) << "the bell may serve other rings";
  }
  EXPECT_EQ(auditIdle(stays.ring()), "");
  EXPECT_EQ(audit(stays.ring()), "");
  EXPECT_EQ(stays->counters().burials, 0u);
}

}  // namespace
