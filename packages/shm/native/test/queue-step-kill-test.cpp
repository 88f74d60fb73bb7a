#include <gtest/gtest.h>

#include "support/audit.hpp"
#include "support/sinks.hpp"
#include "support/victims.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

constexpr uint64_t kArena = 2 << 20;
constexpr uint32_t kItems = 64;
constexpr uint64_t kLarge = 300 * 1024;
// Above all that were there before.
constexpr uint64_t kVictimTag = 1u << 20;

void putBatch(Ring& r, uint64_t count, uint64_t length) {
  std::vector<std::vector<uint8_t>> bytes(count, std::vector<uint8_t>(length));
  std::vector<Piece> pieces;
  for (uint64_t i = 0; i < count; ++i) {
    fillPattern(bytes[i].data(), length, kVictimTag + i);
    pieces.push_back(Piece{bytes[i].data(), length});
  }
  uint64_t done;
  r.putBatch(pieces.data(), count, {}, &done);
}

// The survivor waits for room, asleep and at its bell at once.
void waitForRoom(Scene& s) {
  s.bell = std::make_unique<Bell>();
  Diagnosis d;
  ASSERT_EQ(s.bell->open("/dev/shm", kNoGroup, d), Status::ok);
  s.ring().setBell(s.bell->nonce0(), s.bell->nonce1());
  ASSERT_EQ(s.ring().armSpace(), Status::ok);
}

std::vector<uint64_t> popTags(Ring& ring) {
  Collect sink;
  EXPECT_EQ(ring.pop(0, sink, nullptr), Status::ok);
  std::vector<uint64_t> tags;
  for (const auto& g : sink.got) {
    EXPECT_TRUE(wholePattern(g.bytes.data(), g.bytes.size())) << "torn item " << g.record.seq;
    tags.push_back(patternTag(g.bytes.data()));
  }
  return tags;
}

const std::vector<Op>& ops() {
  static const std::vector<Op> all = {
      {"put-small", [](Scene& s) { fill(s, 60, 100); }, [](Scene&, Ring& r) { putTagged(r, kVictimTag, 700); }},
      {"put-large", [](Scene& s) { fill(s, 3, kLarge); },
       [](Scene&, Ring& r) {
         Collect sink;
         r.pop(1, sink, nullptr);
         for (uint64_t i = 0; i < 4; ++i) putTagged(r, kVictimTag + i, kLarge);
       }},
      {"put-full", [](Scene& s) { fill(s, 64, 100); },
       [](Scene&, Ring& r) {
         putTagged(r, kVictimTag, 100);
         putTagged(r, kVictimTag, kLarge);
         r.putWithin("12345678", 8, {}, 1000000, nullptr);
       }},
      {"put-full-by-bytes", [](Scene& s) { fill(s, 7, kLarge - 10000); },
       [](Scene&, Ring& r) {
         putTagged(r, kVictimTag, kLarge);
         putTagged(r, kVictimTag, 100);
       }},
      {"batch-small", [](Scene& s) { fill(s, 10, 100); }, [](Scene&, Ring& r) { putBatch(r, 20, 64); }},
      {"batch-large", [](Scene& s) { fill(s, 10, 100); }, [](Scene&, Ring& r) { putBatch(r, 20, 3000); }},
      {"batch-that-does-not-fit", [](Scene& s) { fill(s, 40, 100); }, [](Scene&, Ring& r) { putBatch(r, 30, 3000); }},
      {"commit-that-finds-it-full", [](Scene& s) { fill(s, 63, 100); },
       [](Scene&, Ring& r) {
         Loan loan;
         if (r.loan(5000, 64, loan) != Status::ok) return;
         putTagged(r, kVictimTag, 100);
         r.commit(loan, 5000, {}, nullptr);
         r.discard(loan);
       }},
      {"pop-and-ring",
       [](Scene& s) {
         fill(s, 64, 100);
         waitForRoom(s);
       },
       [](Scene&, Ring& r) {
         Collect sink;
         uint64_t delivered;
         r.popWithin(3, sink, 1000000, &delivered);
       }},
      {"pop-in-place-and-ring",
       [](Scene& s) {
         fill(s, 6, kLarge);
         waitForRoom(s);
       },
       [](Scene&, Ring& r) {
         Collect sink;
         r.pop(2, sink, nullptr);
       }},
      {"wait-for-an-item", [](Scene&) {},
       [](Scene&, Ring& r) {
         Collect sink;
         uint64_t delivered;
         r.popWithin(1, sink, 1000000, &delivered);
         r.arm(r.nextSeq());
       }},
      {"snapshot", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) {
         Collect sink;
         uint64_t first;
         uint64_t next;
         r.snapshot(sink, &first, &next);
       }},
  };
  return all;
}

// For the survivor, who attached before and attaches nothing.
void expectSound(Scene& scene, uint64_t filled) {
  Ring& ring = scene.ring();
  MonotonicClock clock;
  const uint64_t start = clock.nowNs();
  // What the victim took, up to the one that it had in its hands if it died there.
  const uint64_t taken = scene.board->hits[static_cast<int>(Step::popTaken)].load();
  const uint64_t published = ring.counters().published;
  EXPECT_EQ(ring.counters().popped, taken);

  // The same order, without that; nothing else is missing.
  const std::vector<uint64_t> tags = popTags(ring);
  ASSERT_EQ(audit(ring), "");
  EXPECT_EQ(tags.size(), published - taken);
  uint64_t want = taken;
  for (const uint64_t tag : tags) {
    if (want == filled) want = kVictimTag;
    EXPECT_EQ(tag, want++) << "out of order, lost or there twice";
  }

  ring.reapDead();
  ASSERT_EQ(audit(ring), "");
  ASSERT_EQ(auditIdle(ring), "");
  ring.disarmSpace();
  for (uint64_t i = 0; i < kItems; ++i) ASSERT_EQ(putTagged(ring, i, 100), Status::ok) << "places were lost";
  ASSERT_EQ(putTagged(ring, 0, 100), Status::full);
  ASSERT_EQ(popTags(ring).size(), kItems);
  ASSERT_EQ(putTagged(ring, 1, kArena), Status::ok) << "bytes were lost";
  ASSERT_EQ(popTags(ring).size(), 1u);
  // Every descriptor still circulates.
  for (uint64_t i = 0; i < 2 * ring.geometry().descriptors; ++i) {
    ASSERT_EQ(putTagged(ring, i, 8), Status::ok);
    ASSERT_EQ(popTags(ring).size(), 1u);
  }
  ASSERT_EQ(audit(ring), "");
  EXPECT_LT(clock.nowNs() - start, 2000000000u) << "slow recovery";
}

class QueueStepKill : public ::testing::TestWithParam<size_t> {
 protected:
  void sweep(const Op& op) {
    uint64_t filled = 0;
    const auto setUp = [&](Scene& scene) {
      CreateOptions c;
      c.ring.mode = kModeQueue;
      c.ring.capacityBytes = kArena;
      c.ring.maxRecords = kItems;
      c.ring.participants = 8;
      Diagnosis d;
      ASSERT_EQ(createSegment(scene.path, c, {}, scene.mine, d), Status::ok);
      op.prepare(scene);
      filled = scene.ring().counters().published;
    };
    killEverywhere(op, setUp, [&](Scene& scene, const Outcome& out, const uint32_t* hits) {
      const uint64_t added = scene.ring().counters().published - filled;
      // Of a batch, all or nothing.
      if (out.frozen && hits[static_cast<int>(Step::publishIndexed)] > 1 && hits[static_cast<int>(Step::publishDone)] == 1) {
        const bool done = added == hits[static_cast<int>(Step::publishIndexed)];
        EXPECT_TRUE(added == 0 || done) << added;
        if (out.step == static_cast<int>(Step::publishIndexed)) {
          EXPECT_EQ(added, 0u);
        }
      }
      expectSound(scene, filled);
    });
  }
};

TEST_P(QueueStepKill, EveryStepOfEveryOperation) { sweep(ops()[GetParam()]); }

INSTANTIATE_TEST_SUITE_P(Ops, QueueStepKill, ::testing::Range<size_t>(0, ops().size()), [](const auto& info) {
  std::string name = ops()[info.param].name;
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
});

// A consumer that dies after it took and before it rang: who waits for room finds
// it by itself.
TEST(QueueKill, RoomOfADeadConsumerIsFoundWithoutItsBell) {
  Scene scene;
  CreateOptions c;
  c.ring.mode = kModeQueue;
  c.ring.capacityBytes = kArena;
  c.ring.maxRecords = 2;
  Diagnosis d;
  ASSERT_EQ(createSegment(scene.path, c, {}, scene.mine, d), Status::ok);
  fill(scene, 2, 100);
  scene.board->aim(static_cast<int>(Step::popTaken), 1);
  Child child;
  ASSERT_TRUE(child.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis why;
    if (attachSegment(scene.path, {}, a, why) != Status::ok) return 1;
    watchSteps(scene.board);
    Collect sink;
    while (scene.ring().core().v.h->space.mask[0].load() == 0) {
    }
    a->ring().pop(1, sink, nullptr);
    return 0;
  }));
  MonotonicClock clock;
  const uint64_t start = clock.nowNs();
  EXPECT_EQ(scene.ring().putWithin("12345678", 8, {}, 20000000000ull, nullptr), Status::ok);
  EXPECT_LT(clock.nowNs() - start, 2000000000u);
  EXPECT_NE(scene.board->frozen.load(), 0u);
}

}  // namespace
