#include <gtest/gtest.h>

#include "subscriber.hpp"
#include "support/audit.hpp"
#include "support/sinks.hpp"
#include "support/victims.hpp"

using namespace rmq::ring;
using namespace rmq::ring::test;

namespace {

constexpr uint64_t kArena = 2 << 20;
constexpr uint64_t kLarge = 300 * 1024;
constexpr uint64_t kVictimTag = 1u << 20;
constexpr uint64_t kCorpseTag = 1u << 30;

// A first victim that died inside the lock, with a record not yet acknowledged
// and a loan: whoever comes next must take over.
void leaveACorpse(Scene& scene) {
  KillBoard* board = sharedByFork<KillBoard>();
  board->aim(static_cast<int>(Step::publishIndexed), 1);
  Child child;
  ASSERT_TRUE(child.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    if (attachSegment(scene.path, {}, a, d) != Status::ok) return 1;
    Bell bell;
    bell.open("/dev/shm", kNoGroup, d);
    a->ring().setBell(bell.nonce0(), bell.nonce1());
    Lease lease;
    a->ring().leaseNewest(lease);
    Loan loan;
    a->ring().loan(5000, 64, loan);
    watchSteps(board);
    putTagged(a->ring(), kCorpseTag, 500);
    return 0;
  }));
  ASSERT_TRUE(eventually([&] { return board->frozen.load() != 0; }));
  child.kill();
  munmap(board, sizeof *board);
}

void takeOverByPut(Scene& scene, Ring& ring) {
  // The victim to be is attached already: the corpse comes second.
  watchSteps(nullptr);
  leaveACorpse(scene);
  watchSteps(scene.board);
  putTagged(ring, kVictimTag, 700);
}

const std::vector<Op>& ops() {
  static const std::vector<Op> all = {
      {"put-small-lapping", [](Scene& s) { fill(s, 300, 9000); },
       [](Scene&, Ring& r) { putTagged(r, kVictimTag, 700); }},
      {"put-many-by-count", [](Scene& s) { fill(s, 64, 100); },
       [](Scene&, Ring& r) {
         for (uint64_t i = 0; i < 3; ++i) putTagged(r, kVictimTag + i, 700);
       }},
      {"put-large-lapping", [](Scene& s) { fill(s, 300, 9000); },
       [](Scene&, Ring& r) { putTagged(r, kVictimTag, kLarge); }},
      {"put-past-a-lease", [](Scene& s) { fill(s, 300, 9000); },
       [](Scene&, Ring& r) {
         Lease lease;
         r.lease(r.oldestSeq() + 1, lease);
         for (uint64_t i = 0; i < 8; ++i) putTagged(r, kVictimTag + i, kLarge);
         r.unlease(lease);
         for (uint64_t i = 8; i < 16; ++i) putTagged(r, kVictimTag + i, kLarge);
       }},
      {"put-expiring", [](Scene& s) { fill(s, 30, 1000); },
       [](Scene& s, Ring& r) {
         // Older than the ttl without waiting for it.
         for (uint32_t i = 0; i < s.ring().geometry().descriptors; ++i) r.core().v.desc[i].monoNs.store(1);
         putTagged(r, kVictimTag, 100);
       }},
      {"put-among-popped", [](Scene& s) { fill(s, 60, 100); },
       [](Scene&, Ring& r) {
         Collect sink;
         r.pop(30, sink, nullptr);
         for (uint64_t i = 0; i < 100; ++i) putTagged(r, kVictimTag + i, 100);
       }},
      {"loan-commit-shorter", [](Scene& s) { fill(s, 300, 9000); },
       [](Scene&, Ring& r) {
         Loan loan;
         if (r.loan(20000, 64, loan) != Status::ok) return;
         fillPattern(loan.data, 10000, kVictimTag);
         r.commit(loan, 10000, {}, nullptr);
       }},
      {"loan-discard", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) {
         Loan loan;
         r.loan(20000, 4096, loan);
         r.discard(loan);
       }},
      {"peek", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) {
         Collect sink;
         r.peek(0, sink, nullptr);
       }},
      {"pop", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) {
         Collect sink;
         r.pop(3, sink, nullptr);
         r.pop(-3, sink, nullptr);
       }},
      {"pop-in-place", [](Scene& s) { fill(s, 4, kLarge); },
       [](Scene&, Ring& r) {
         Collect sink;
         r.pop(2, sink, nullptr);
       }},
      {"lease", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) {
         Lease a;
         Lease b;
         r.lease(3, a);
         r.leaseNewest(b);
         r.unlease(a);
         r.unlease(b);
       }},
      {"wait", [](Scene& s) { fill(s, 1, 100); },
       [](Scene&, Ring& r) {
         r.arm(r.nextSeq());
         r.disarm();
         r.waitFor(r.nextSeq(), 1000000);
       }},
      {"notify",
       [](Scene& s) {
         fill(s, 1, 100);
         s.bell = std::make_unique<Bell>();
         Diagnosis d;
         ASSERT_EQ(s.bell->open("/dev/shm", kNoGroup, d), Status::ok);
         s.ring().setBell(s.bell->nonce0(), s.bell->nonce1());
         ASSERT_EQ(s.ring().arm(s.ring().nextSeq()), Status::ok);
         s.ring().core().v.h->bells.sleep[0].fetch_or(1ull << s.ring().participant());
       },
       [](Scene&, Ring& r) { putTagged(r, kVictimTag, 100); }},
      {"take-leased", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) {
         Lease lease;
         r.lease(1, lease);
         r.take(lease);
         r.unlease(lease);
       }},
      {"retire",
       [](Scene& s) {
         fill(s, 3, 100);
         s.bell = std::make_unique<Bell>();
         Diagnosis d;
         ASSERT_EQ(s.bell->open("/dev/shm", kNoGroup, d), Status::ok);
         s.ring().setBell(s.bell->nonce0(), s.bell->nonce1());
         ASSERT_EQ(s.ring().arm(s.ring().nextSeq()), Status::ok);
         s.ring().core().v.h->bells.sleep[0].fetch_or(1ull << s.ring().participant());
       },
       [](Scene&, Ring& r) { r.retire(); }, false, false,
       [](Scene& s) {
         Ring& ring = s.ring();
         if (!ring.retired()) return;
         // Whoever slept finds out by itself if the one who retired died first.
         EXPECT_EQ(ring.waitFor(ring.nextSeq(), 5000000000ull), Status::closed);
         EXPECT_EQ(ring.arm(ring.nextSeq()), Status::exists);
         EXPECT_EQ(putTagged(ring, 1, 100), Status::closed);
         EXPECT_EQ(putTagged(ring, 1, kLarge), Status::closed);
         Collect all;
         EXPECT_EQ(ring.peek(0, all, nullptr), Status::ok);
         EXPECT_EQ(all.got.size(), 3u);
         ring.core().v.h->state.retired.store(0);  // to see what else was left
       }},
      {"attach-and-leave", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene& s, Ring&) {
         std::unique_ptr<Attachment> a;
         Diagnosis d;
         if (attachSegment(s.path, {}, a, d) != Status::ok) return;
         Loan loan;
         a->ring().loan(100, 64, loan);
         Lease lease;
         a->ring().leaseNewest(lease);
         a->close();
       },
       true},
      {"take-over-by-put", [](Scene& s) { fill(s, 5, 1000); }, takeOverByPut},
      {"take-over-on-attach",
       [](Scene& s) {
         fill(s, 40, 1000);
         leaveACorpse(s);
       },
       [](Scene& s, Ring&) {
         std::unique_ptr<Attachment> a;
         Diagnosis d;
         attachSegment(s.path, {}, a, d);
       },
       true},
      {"wait-for-the-lock", [](Scene& s) { fill(s, 10, 1000); },
       [](Scene&, Ring& r) { putTagged(r, kVictimTag, 100); }, false, true},
  };
  return all;
}

void setUpScene(Scene& scene, const Op& op) {
  CreateOptions c;
  c.ring.capacityBytes = kArena;
  c.ring.maxRecords = 64;
  c.ring.participants = 8;
  // Nothing expires by itself; "put-expiring" makes records look ancient.
  c.ring.ttlNs = 60000000000ull;
  Diagnosis d;
  ASSERT_EQ(createSegment(scene.path, c, {}, scene.mine, d), Status::ok);
  op.prepare(scene);
}

// What must be true for the survivor, who attached before and attaches nothing.
void expectSound(Scene& scene) {
  Ring& ring = scene.ring();
  MonotonicClock clock;
  Subscriber subscriber(ring, 1);
  const uint64_t start = clock.nowNs();
  for (uint64_t i = 0; i < 3; ++i) ASSERT_EQ(putTagged(ring, 500000 + i, 2000), Status::ok);
  EXPECT_LT(clock.nowNs() - start, 2000000000u) << "slow recovery";
  ASSERT_EQ(audit(ring), "");

  Collect all;
  ASSERT_EQ(ring.peek(0, all, nullptr), Status::ok);
  std::set<uint64_t> tags;
  for (const auto& g : all.got) {
    EXPECT_TRUE(wholePattern(g.bytes.data(), g.bytes.size())) << "torn record " << g.record.seq;
    EXPECT_TRUE(tags.insert(patternTag(g.bytes.data())).second) << "record twice";
  }
  EXPECT_EQ(tags.count(kCorpseTag), 0u) << "a put that never ended became readable";

  Collect sink;
  while (subscriber.next(sink) == Status::ok) {
  }
  EXPECT_EQ(subscriber.ledger().received + subscriber.ledger().lost, ring.counters().published);

  ring.reapDead();
  ASSERT_EQ(audit(ring), "");
  ASSERT_EQ(auditIdle(ring), "");
  ASSERT_EQ(putTagged(ring, 600000, kArena), Status::ok) << "bytes were lost";
  // Every descriptor still circulates.
  for (uint64_t i = 0; i < 2 * ring.geometry().descriptors; ++i) {
    ASSERT_EQ(putTagged(ring, 700000 + i, 8), Status::ok);
  }
  ASSERT_EQ(audit(ring), "");
}

class StepKill : public ::testing::TestWithParam<size_t> {
 protected:
  void sweep(const Op& op) {
    uint64_t before = 0;
    const auto setUp = [&](Scene& scene) {
      setUpScene(scene, op);
      if (scene.mine) before = scene.ring().counters().published;
    };
    killEverywhere(op, setUp, [&](Scene& scene, const Outcome& out, const uint32_t* hits) {
      const uint64_t added = scene.ring().counters().published - before;
      if (out.frozen && hits[static_cast<int>(Step::publishDone)] == 1) {
        const bool done =
            out.step >= static_cast<int>(Step::publishDone) && out.step <= static_cast<int>(Step::notifyWoken);
        if (out.step >= static_cast<int>(Step::allocPopped) && out.step <= static_cast<int>(Step::notifyWoken)) {
          EXPECT_EQ(added, done ? 1u : 0u) << "the last store decides";
        }
      }
      if (op.check) op.check(scene);
      expectSound(scene);
    });
  }
};

TEST_P(StepKill, EveryStepOfEveryOperation) { sweep(ops()[GetParam()]); }

INSTANTIATE_TEST_SUITE_P(Ops, StepKill, ::testing::Range<size_t>(0, ops().size()),
                         [](const auto& info) {
                           std::string name = ops()[info.param].name;
                           for (char& c : name) {
                             if (c == '-') c = '_';
                           }
                           return name;
                         });

// At the very end: no step may exist that no operation was killed at.
class EveryStepWasHit : public ::testing::Environment {
 public:
  void TearDown() override {
    if (::testing::GTEST_FLAG(filter) != "*") return;
    std::string missed;
    for (int s = 0; s < kSteps; ++s) {
      if (coveredSteps.count(s) == 0) missed += std::string(" ") + stepName(s);
    }
    EXPECT_EQ(missed, "");
    printf("[   NOTE   ] %d steps, %d kills\n", kSteps, totalKills);
  }
};
const auto* const everyStepWasHit = ::testing::AddGlobalTestEnvironment(new EveryStepWasHit);

}  // namespace
