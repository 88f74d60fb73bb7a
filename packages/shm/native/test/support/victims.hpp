#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "children.hpp"
#include "kill-board.hpp"
#include "pattern.hpp"
#include "ring-lock.hpp"
#include "segment.hpp"

namespace rmq::ring::test {

inline Status putTagged(Ring& ring, uint64_t tag, uint64_t length) {
  std::vector<uint8_t> data(length);
  fillPattern(data.data(), length, tag);
  return ring.put(data.data(), length, {}, nullptr);
}

// One scene per case: a segment, the parent attached, a victim to come.
struct Scene {
  ScopedPath path{"step"};
  std::unique_ptr<Attachment> mine;
  std::unique_ptr<Bell> bell;
  KillBoard* board = sharedByFork<KillBoard>();
  ~Scene() { munmap(board, sizeof *board); }
  Ring& ring() { return mine->ring(); }
};

struct Op {
  const char* name;
  // Before the child starts.
  std::function<void(Scene&)> prepare;
  // In the child, attached unless it attaches itself.
  std::function<void(Scene&, Ring&)> run;
  bool attachesItself = false;
  // Sets the steps free while the child already runs (to let go of a lock).
  bool parentHoldsLock = false;
  // What else must hold, before everything that must hold in any case.
  std::function<void(Scene&)> check = nullptr;
};

inline void fill(Scene& scene, int count, uint64_t length) {
  for (int i = 0; i < count; ++i) ASSERT_EQ(putTagged(scene.ring(), static_cast<uint64_t>(i), length), Status::ok);
}

struct Outcome {
  bool frozen = false;
  int step = -1;
};

inline Outcome runVictim(Scene& scene, const Op& op, int step, uint32_t occurrence) {
  if (step >= 0) scene.board->aim(step, occurrence);
  if (op.parentHoldsLock) EXPECT_EQ(lock(scene.ring().core()), Status::ok);
  Child child;
  EXPECT_TRUE(child.start([&] {
    std::unique_ptr<Attachment> a;
    Diagnosis d;
    Ring unused;
    if (op.attachesItself) {
      watchSteps(scene.board);
      op.run(scene, unused);
    } else {
      if (attachSegment(scene.path, {}, a, d) != Status::ok) return 1;
      watchSteps(scene.board);
      op.run(scene, a->ring());
    }
    // Without the farewell of the destructors.
    scene.board->frozen.store(~0u);
    return sleepForEver();
  }));
  if (op.parentHoldsLock) {
    EXPECT_TRUE(eventually([&] { return scene.board->hits[static_cast<int>(Step::lockContended)].load() > 0; }));
    if (step != static_cast<int>(Step::lockContended)) unlock(scene.ring().core());
  }
  EXPECT_TRUE(eventually([&] { return scene.board->frozen.load() != 0; })) << "the victim hangs";
  Outcome out;
  const uint32_t frozen = scene.board->frozen.load();
  out.frozen = frozen != ~0u;
  out.step = out.frozen ? static_cast<int>(frozen) - 1 : -1;
  child.kill();
  if (op.parentHoldsLock && step == static_cast<int>(Step::lockContended)) unlock(scene.ring().core());
  return out;
}

// What all tests together were killed at: in the end no step may be missing.
inline std::set<int> coveredSteps;
inline int totalKills = 0;

// Runs the operation once without a bullet, to see which steps it passes and how
// often, and then once for each place to die at: fresh scenes, each checked
// afterwards.
inline void killEverywhere(const Op& op, const std::function<void(Scene&)>& setUp,
                           const std::function<void(Scene&, const Outcome&, const uint32_t* hits)>& after) {
  uint32_t hits[kSteps];
  {
    Scene scene;
    setUp(scene);
    if (::testing::Test::HasFailure()) return;
    const Outcome out = runVictim(scene, op, -1, 0);
    if (::testing::Test::HasFailure()) return;
    for (int s = 0; s < kSteps; ++s) hits[s] = scene.board->hits[s].load();
    after(scene, out, hits);
  }
  int kills = 0;
  for (int step = 0; step < kSteps; ++step) {
    std::set<uint32_t> occurrences;
    for (const uint32_t o : {1u, 2u, hits[step] / 2, hits[step]}) {
      if (o >= 1 && o <= hits[step]) occurrences.insert(o);
    }
    for (const uint32_t occurrence : occurrences) {
      SCOPED_TRACE(std::string(op.name) + " at " + stepName(step) + " #" + std::to_string(occurrence));
      Scene scene;
      setUp(scene);
      if (::testing::Test::HasFailure()) return;
      const Outcome out = runVictim(scene, op, step, occurrence);
      if (out.frozen) {
        coveredSteps.insert(step);
        ++totalKills;
        ++kills;
      }
      after(scene, out, hits);
      if (::testing::Test::HasFailure()) return;
    }
  }
  printf("[   NOTE   ] %s: killed at %d places\n", op.name, kills);
}

}  // namespace rmq::ring::test
