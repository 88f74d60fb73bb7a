#include <gtest/gtest.h>

#include "ring-lock.hpp"
#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/pattern.hpp"
#include "support/plain-memory.hpp"
#include "support/sinks.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

Options options() {
  Options o;
  o.capacityBytes = 64 * 1024;
  o.maxRecords = 8;
  o.participants = 4;
  return o;
}

void put(Ring& ring, int count) {
  for (int i = 0; i < count; ++i) ASSERT_EQ(ring.put("x", 1, {}, nullptr), Status::ok);
}

TEST(Retire, NothingIsPublishedAnyMore) {
  PlainMemory memory(options());
  Member a(memory);
  Member b(memory);
  put(a.ring(), 2);
  Loan open;
  ASSERT_EQ(b->loan(100, 64, open), Status::ok);
  EXPECT_FALSE(b->retired());
  a->retire();
  EXPECT_TRUE(b->retired());
  std::vector<uint8_t> large(5000);
  for (Member* m : {&a, &b}) {
    Loan loan;
    EXPECT_EQ((*m)->put("x", 1, {}, nullptr), Status::closed);
    EXPECT_EQ((*m)->put(large.data(), large.size(), {}, nullptr), Status::closed);
    EXPECT_EQ((*m)->loan(100, 64, loan), Status::closed);
  }
  EXPECT_EQ(b->commit(open, 100, {}, nullptr), Status::closed);
  EXPECT_TRUE(b->isOpen(open)) << "a failed commit keeps the loan";
  EXPECT_EQ(b->discard(open), Status::ok);
  EXPECT_EQ(a->counters().published, 2u);
  EXPECT_EQ(a->counters().rejected, 0u) << "an ended topic refuses, it does not drop";
  EXPECT_EQ(audit(a.ring()), "");
}

TEST(Retire, WhatIsLeftCanBeReadToTheEnd) {
  PlainMemory memory(options());
  Member writer(memory);
  Member reader(memory);
  put(writer.ring(), 5);
  Subscriber subscriber(reader.ring(), 2);
  writer->retire();
  Lease lease;
  ASSERT_EQ(reader->leaseNewest(lease), Status::ok);
  reader->unlease(lease);
  Collect sink;
  EXPECT_EQ(subscriber.next(sink), Status::ok);
  ASSERT_EQ(reader->pop(1, sink, nullptr), Status::ok);
  EXPECT_EQ(sink.seqs(), (std::vector<uint64_t>{2, 1}));
  while (subscriber.next(sink) == Status::ok) {
  }
  EXPECT_EQ(subscriber.ledger().received, 4u);
  EXPECT_EQ(subscriber.next(sink), Status::empty);
}

TEST(Retire, WakesWhoWaitsAndLetsNobodyWaitAfterwards) {
  PlainMemory memory(options());
  Member writer(memory);
  Member reader(memory);
  put(writer.ring(), 1);
  reader->setBell(1, 2);
  ASSERT_EQ(reader->arm(2), Status::ok);
  writer->core().v.h->bells.sleep[0].fetch_or(1ull << reader->participant());
  const uint32_t slept = writer->core().v.h->space.dataWord.load();
  writer->retire();
  EXPECT_EQ(writer.bells.rings, 1);
  EXPECT_EQ(writer->core().v.h->space.dataWord.load(), slept + 1) << "the futex was not woken";
  EXPECT_EQ(reader->arm(2), Status::exists);
  EXPECT_EQ(writer->core().v.h->bells.wait[0].load(), 0u) << "nothing is armed";
  EXPECT_EQ(reader->waitFor(2, ~0ull), Status::closed);
  EXPECT_EQ(reader->waitFor(1, ~0ull), Status::ok) << "that one is there";
  EXPECT_FALSE(reader->spinFor(2, ~0ull));
  EXPECT_TRUE(reader->spinFor(1, 0));
}

// A writer stopped inside the lock cannot keep a topic from ending.
TEST(Retire, DoesNotNeedTheLock) {
  PlainMemory memory(options());
  Member stopped(memory);
  Member reader(memory);
  Member impatient(memory);
  ASSERT_EQ(lock(stopped->core()), Status::ok);
  class Hasty final : public Clock {
   public:
    uint64_t nowNs() override { return now += 1000000000; }
    uint64_t now = 0;
  } hasty;
  impatient->core().clock = &hasty;
  impatient->retire();
  EXPECT_TRUE(reader->retired());
  unlock(stopped->core());
  EXPECT_EQ(stopped->put("x", 1, {}, nullptr), Status::closed);
}

TEST(Retire, ObserversOnlyLook) {
  PlainMemory memory(options());
  Member writer(memory);
  Member observer(memory, true);
  observer->retire();
  EXPECT_FALSE(writer->retired());
  observer->reject(3);
  EXPECT_EQ(writer->counters().rejected, 0u);
  put(writer.ring(), 1);
  writer->retire();
  EXPECT_TRUE(observer->retired());
}

TEST(Counts, BytesAndTheNewestTime) {
  PlainMemory memory(options());
  Member m(memory);
  EXPECT_EQ(m->newestNs(), 0u);
  memory.clock.now = 5000;
  std::vector<uint8_t> data(3000);
  for (const uint64_t length : {0u, 10u, 3000u}) ASSERT_EQ(m->put(data.data(), length, {}, nullptr), Status::ok);
  Loan loan;
  ASSERT_EQ(m->loan(2000, 64, loan), Status::ok);
  memory.clock.now = 6000;
  ASSERT_EQ(m->commit(loan, 500, {}, nullptr), Status::ok);
  EXPECT_EQ(m->counters().publishedBytes, 3510u);
  EXPECT_EQ(m->live().records, 4u);
  EXPECT_EQ(m->live().bytes, 3510u);
  EXPECT_EQ(m->newestNs(), 6000u);
  Collect sink;
  ASSERT_EQ(m->pop(-2, sink, nullptr), Status::ok);
  EXPECT_EQ(m->live().bytes, 10u);
  EXPECT_EQ(m->counters().publishedBytes, 3510u);
  EXPECT_EQ(m->newestNs(), 6000u) << "also when it is gone";
}

TEST(Counts, EveryRefusedPutOrLoanOnce) {
  PlainMemory memory(options());
  Member m(memory);
  std::vector<uint8_t> data(memory.geometry.maxRecordBytes + 1);
  Loan loan;
  EXPECT_EQ(m->put(data.data(), data.size(), {}, nullptr), Status::tooLarge);
  EXPECT_EQ(m->loan(data.size(), 64, loan), Status::tooLarge);
  EXPECT_EQ(m->counters().rejected, 2u);
  Loan wall;
  ASSERT_EQ(m->loan(40000, 64, wall), Status::ok);
  EXPECT_EQ(m->put(data.data(), 40000, {}, nullptr), Status::pinned);
  EXPECT_EQ(m->loan(40000, 64, loan), Status::pinned);
  EXPECT_EQ(m->counters().rejected, 4u);
  Loan more[2];
  for (Loan& l : more) ASSERT_EQ(m->loan(10, 64, l), Status::ok);
  EXPECT_EQ(m->loan(10, 64, loan), Status::loanLimit) << "the caller's own limit, nothing was dropped";
  Loan rest;
  for (Loan& l : more) ASSERT_EQ(m->discard(l), Status::ok);
  ASSERT_EQ(m->loan(65536 - 40000 - 64, 64, rest), Status::ok);
  EXPECT_EQ(m->put(data.data(), 100, {}, nullptr), Status::pinned);
  EXPECT_EQ(m->counters().rejected, 5u) << "a small put takes another way";
  m->reject(7);
  EXPECT_EQ(m->counters().rejected, 12u);
}

}  // namespace
