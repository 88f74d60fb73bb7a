#include <gtest/gtest.h>

#include <algorithm>

#include "segment.hpp"
#include "step.hpp"
#include "support/audit.hpp"
#include "support/children.hpp"
#include "support/pattern.hpp"
#include "support/sinks.hpp"

#ifndef RMQ_STEPS
#error "build with RMQ_STEPS"
#endif

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

Step stopAt;
bool stopped = false;

void stopOnce(Step step) {
  if (step != stopAt || stopped) return;
  stopped = true;
  raise(SIGSTOP);
}

class Stop : public ::testing::Test {
 protected:
  void SetUp() override {
    CreateOptions c;
    c.ring.capacityBytes = 1 << 20;
    c.ring.maxRecords = 32;
    c.ring.participants = 4;
    AttachOptions o;
    o.lockTimeoutNs = 50000000;
    ASSERT_EQ(createSegment(path, c, o, mine, why), Status::ok);
    for (uint64_t i = 0; i < 40; ++i) put(i);
  }
  Status put(uint64_t tag, uint64_t length = 2000) {
    std::vector<uint8_t> data(length);
    fillPattern(data.data(), length, tag);
    return mine->ring().put(data.data(), length, {}, nullptr);
  }
  template <class Run>
  void startAndStop(Step step, Run&& run) {
    ASSERT_TRUE(child.start([&] {
      std::unique_ptr<Attachment> a;
      Diagnosis d;
      if (attachSegment(path, {}, a, d) != Status::ok) return 9;
      stopAt = step;
      stepHook = stopOnce;
      return run(a->ring());
    }));
    ASSERT_TRUE(child.waitStopped());
  }
  // Puts while someone is stopped; how many took long.
  int slowPuts(int count) {
    MonotonicClock clock;
    int slow = 0;
    for (int i = 0; i < count; ++i) {
      const uint64_t start = clock.nowNs();
      EXPECT_EQ(put(1000 + static_cast<uint64_t>(i)), Status::ok);
      slow += clock.nowNs() - start > 5000000 ? 1 : 0;
    }
    return slow;
  }

  ScopedPath path{"stop"};
  std::unique_ptr<Attachment> mine;
  Diagnosis why;
  Child child;
};

TEST_F(Stop, ReaderAnywhereHoldsUpNobody) {
  const int control = slowPuts(3000);
  for (const Step step : {Step::readFound, Step::readHalf, Step::readCopied, Step::popTaken, Step::leaseMasked,
                          Step::leaseCounted, Step::leaseMarked, Step::leaseHazard, Step::leaseDone,
                          Step::unleaseCleared}) {
    SCOPED_TRACE(static_cast<int>(step));
    stopped = false;
    startAndStop(step, [](Ring& ring) {
      Collect sink;
      Lease lease;
      if (ring.leaseNewest(lease) == Status::ok) {
        if (!wholePattern(lease.data, lease.record.length)) return 1;
        ring.unlease(lease);
      }
      if (ring.pop(3, sink, nullptr) != Status::ok) return 2;
      for (const auto& g : sink.got) {
        if (!wholePattern(g.bytes.data(), g.bytes.size())) return 3;
      }
      return 0;
    });
    // A scheduler's hiccup may hit a put; a reader in the way would hit all.
    EXPECT_LE(slowPuts(3000), control + 5);
    child.signal(SIGCONT);
    EXPECT_EQ(child.wait(), 0) << "lapped 100 times, it must notice";
    EXPECT_EQ(audit(mine->ring()), "");
    EXPECT_EQ(auditIdle(mine->ring()), "");
  }
}

TEST_F(Stop, WriterOutsideTheLockHoldsUpNobodyAndFinishesLater) {
  startAndStop(Step::payloadHalf, [](Ring& ring) {
    std::vector<uint8_t> data(50000);
    fillPattern(data.data(), data.size(), 424242);
    return ring.put(data.data(), data.size(), {}, nullptr) == Status::ok ? 0 : 1;
  });
  slowPuts(3000);
  EXPECT_EQ(mine->ring().reapDead(), 0u) << "stopped is not dead";
  child.signal(SIGCONT);
  EXPECT_EQ(child.wait(), 0);
  Found found;
  ASSERT_EQ(mine->ring().findNewest(found), Status::ok);
  std::vector<uint8_t> got(found.record.length);
  ASSERT_EQ(mine->ring().copyRecord(found, got.data()), Status::ok);
  EXPECT_EQ(patternTag(got.data()), 424242u);
  EXPECT_TRUE(wholePattern(got.data(), got.size()));
}

TEST_F(Stop, WriterInsideTheLockIsATypedErrorInTimeAndRecovers) {
  for (const Step step : {Step::lockTaken, Step::allocLoaned, Step::publishLive, Step::publishDone}) {
    SCOPED_TRACE(static_cast<int>(step));
    stopped = false;
    startAndStop(step, [](Ring& ring) { return ring.put("x", 1, {}, nullptr) == Status::ok ? 0 : 1; });
    MonotonicClock clock;
    const uint64_t start = clock.nowNs();
    EXPECT_EQ(put(1), Status::writerStalled);
    const uint64_t took = clock.nowNs() - start;
    EXPECT_GE(took, 50000000u);
    EXPECT_LT(took, 2000000000u);
    EXPECT_EQ(mine->ring().stalledPid(), static_cast<uint64_t>(child.pid()));
    // Readers never take the lock.
    Collect sink;
    EXPECT_EQ(mine->ring().peek(-5, sink, nullptr), Status::ok);
    EXPECT_EQ(sink.got.size(), 5u);
    child.signal(SIGCONT);
    EXPECT_EQ(child.wait(), 0);
    EXPECT_EQ(put(2), Status::ok);
    EXPECT_EQ(audit(mine->ring()), "");
  }
}

TEST_F(Stop, WriterKilledWhileStoppedInsideTheLock) {
  startAndStop(Step::publishIndexed, [](Ring& ring) { return ring.put("x", 1, {}, nullptr) == Status::ok ? 0 : 1; });
  EXPECT_EQ(put(1), Status::writerStalled);
  child.kill();
  EXPECT_EQ(put(2), Status::ok);
  EXPECT_EQ(mine->ring().counters().rebuilds, 1u);
  EXPECT_EQ(audit(mine->ring()), "");
}

}  // namespace
