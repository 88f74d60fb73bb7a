#include <gtest/gtest.h>

#include <random>

#include "futex.hpp"
#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

Options options(uint32_t records) {
  Options o;
  o.capacityBytes = 64 * 1024;
  o.maxRecords = records;
  o.participants = 4;
  return o;
}

void put(Ring& ring, int count, uint64_t length = 64) {
  std::vector<uint8_t> data(length);
  for (int i = 0; i < count; ++i) ASSERT_EQ(ring.put(data.data(), length, {}, nullptr), Status::ok);
}

void expectBalance(const Subscriber& s) {
  const auto& l = s.ledger();
  EXPECT_EQ(l.received + l.lost + l.skipped, s.cursor() - s.start());
}

TEST(Subscriber, CountsExactlyWhatItMissed) {
  PlainMemory memory(options(8));
  Member m(memory);
  put(m.ring(), 3);
  Subscriber s(m.ring(), m->oldestSeq());
  Collect sink;
  EXPECT_EQ(s.next(sink), Status::ok);
  EXPECT_EQ(s.lostBefore(), 0u);
  put(m.ring(), 20);  // 23 published, 8 left: 16..23
  EXPECT_EQ(s.next(sink), Status::ok);
  EXPECT_EQ(s.lostBefore(), 14u);
  EXPECT_EQ(sink.got.back().record.seq, 16u);
  while (s.next(sink) == Status::ok) EXPECT_EQ(s.lostBefore(), 0u);
  EXPECT_EQ(s.next(sink), Status::empty);
  EXPECT_EQ(s.ledger().received, 9u);
  EXPECT_EQ(s.ledger().lost, 14u);
  EXPECT_EQ(s.ledger().received + s.ledger().lost, m->counters().published);
  expectBalance(s);
}

TEST(Subscriber, FromNowOnAndPoppedByOthers) {
  PlainMemory memory(options(8));
  Member m(memory);
  put(m.ring(), 3);
  Subscriber s(m.ring(), m->nextSeq());
  Collect sink;
  EXPECT_EQ(s.next(sink), Status::empty);
  put(m.ring(), 4);
  Collect other;
  ASSERT_EQ(m->pop(-3, other, nullptr), Status::ok);  // 5, 6, 7
  EXPECT_EQ(s.next(sink), Status::ok);
  EXPECT_EQ(s.next(sink), Status::empty);
  EXPECT_EQ(s.ledger().lost, 3u);
  expectBalance(s);
}

TEST(Subscriber, SkipsOnRequestOnly) {
  PlainMemory memory(options(8));
  Member m(memory);
  Subscriber s(m.ring(), 1);
  s.skipToNewest();
  put(m.ring(), 5);
  s.skipToNewest();
  s.skipToNewest();
  Collect sink;
  EXPECT_EQ(s.next(sink), Status::ok);
  EXPECT_EQ(sink.got[0].record.seq, 5u);
  EXPECT_EQ(s.ledger().skipped, 4u);
  expectBalance(s);
}

TEST(Subscriber, ExpiredCountsAsLost) {
  Options o = options(8);
  o.ttlNs = 100;
  PlainMemory memory(o);
  Member m(memory);
  put(m.ring(), 3);
  memory.clock.advance(1000);
  Subscriber s(m.ring(), 1);
  Collect sink;
  EXPECT_EQ(s.next(sink), Status::empty);
  EXPECT_EQ(s.ledger().lost, 3u);
  EXPECT_EQ(s.ledger().expired, 3u);
  expectBalance(s);
}

TEST(Subscriber, InPlaceAndRefusedConsumesNothing) {
  PlainMemory memory(options(32));
  Member m(memory);
  put(m.ring(), 20);
  Subscriber s(m.ring(), 1);
  Lease l[kLeasesEach];
  for (auto& lease : l) ASSERT_EQ(s.nextLease(lease), Status::ok);
  Lease more;
  EXPECT_EQ(s.nextLease(more), Status::leaseLimit);
  EXPECT_EQ(s.ledger().received, 16u);
  for (auto& lease : l) m->unlease(lease);
  EXPECT_EQ(s.nextLease(more), Status::ok);
  EXPECT_EQ(more.record.seq, 17u);
  m->unlease(more);
  Collect none;
  none.budget = 0;
  EXPECT_EQ(s.next(none), Status::noBuffer);
  EXPECT_EQ(s.cursor(), 18u);
  expectBalance(s);
}

TEST(Waiter, OneRingPerArming) {
  PlainMemory memory(options(8));
  Member writer(memory);
  Member reader(memory);
  reader->setBell(1, 2);
  put(writer.ring(), 3);
  EXPECT_EQ(writer.bells.rings, 0);
  EXPECT_EQ(reader->arm(3), Status::exists) << "record 3 is there already";
  EXPECT_EQ(reader->arm(reader->nextSeq()), Status::ok);
  put(writer.ring(), 5);
  EXPECT_EQ(writer.bells.rings, 1);
  EXPECT_EQ(writer.bells.lastRung, reader->participant());
  EXPECT_EQ(reader->arm(reader->nextSeq()), Status::ok);
  reader->disarm();
  put(writer.ring(), 1);
  EXPECT_EQ(writer.bells.rings, 1);
  PutOptions quiet;
  quiet.notify = false;
  EXPECT_EQ(reader->arm(reader->nextSeq()), Status::ok);
  ASSERT_EQ(writer->put("x", 1, quiet, nullptr), Status::ok);
  EXPECT_EQ(writer.bells.rings, 1);
  writer->notify();
  EXPECT_EQ(writer.bells.rings, 2);
}

TEST(Waiter, WithoutBellNobodyRings) {
  PlainMemory memory(options(8));
  Member writer(memory);
  Member reader(memory);
  EXPECT_EQ(reader->arm(1), Status::ok);
  put(writer.ring(), 1);
  EXPECT_EQ(writer.bells.rings, 0);
}

TEST(Waiter, FutexTimesOutOnItsDeadline) {
  PlainMemory memory(options(8));
  FakeLiveness life(memory.house, 1);
  MonotonicClock clock;
  Ring ring;
  ASSERT_EQ(ring.bind(memory.bytes(), memory.geometry, {&life, &clock, nullptr, 1}), Status::ok);
  ASSERT_EQ(ring.join(Self{1, 1, 1}), Status::ok);
  EXPECT_EQ(ring.waitFor(1, 3000000), Status::timedOut);
  EXPECT_EQ(ring.core().v.h->bells.sleep[0].load(), 0u) << "disarmed";
  put(ring, 1);
  EXPECT_EQ(ring.waitFor(1, 3000000), Status::ok);
}

// A writer that puts exactly between a sleeper's arming and its sleep.
TEST(Waiter, SleeperLooksAgainAfterArming) {
  PlainMemory memory(options(8));
  Member writer(memory);
  class Clock2 final : public Clock {
   public:
    explicit Clock2(Ring& w) : writer(w) {}
    uint64_t nowNs() override {
      const uint64_t now = real.nowNs();
      if (++calls == 2) put(writer, 1);
      return now;
    }
    Ring& writer;
    MonotonicClock real;
    int calls = 0;
  } clock(writer.ring());
  FakeLiveness life(memory.house, 555);
  Ring reader;
  ASSERT_EQ(reader.bind(memory.bytes(), memory.geometry, {&life, &clock, nullptr, 1}), Status::ok);
  ASSERT_EQ(reader.join(Self{1, 1, 1}), Status::ok);
  MonotonicClock real;
  const uint64_t start = real.nowNs();
  EXPECT_EQ(reader.waitFor(1, 5000000000ull), Status::ok);
  EXPECT_LT(real.nowNs() - start, 50000000u) << "slept although the record was there";
}

}  // namespace
