// SPDX-License-Identifier: Apache-2.0
//
// The parts of an initial copy and how far each is: which changes of the log are in the copy, and
// which come on top of it.
//
//     notes of the store ⇄ [InitialCopyPlan] ◄─ begin(), done() ─ InitialCopy
//                                  └─ admit() ─► Loader
//
// A part is a small table, or the observations of a range of time. The log is applied meanwhile.
// Each change is in exactly one of the two:
//
//     not begun   its part's snapshot is still to come and will show it: skipped
//     being read  the loader waits until the part is done
//     done        what the part's snapshot shows is skipped, the rest is applied
//
// A commit is in the log a moment before snapshots show it, so a part begins only with a snapshot
// that shows every transaction that was delivered before (begin() lists them). Ranges that no part
// covers had no partition when the copy began: the log has everything of them.
//
// Threading  any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "analytics/store.h"
#include "stream/change.h"
#include "stream/copy_snapshot.h"

namespace atlas::analytics {

struct CopyPart {
    stream::Table table = stream::Table::other;
    TimeRange range;  // of observations
};

// The name of a part in notes and messages: "entities", "observations 1764460800000000".
std::string to_string(const CopyPart& part);

class InitialCopyPlan {
public:
    // What a loader does with a change.
    enum class Verdict : std::uint8_t { apply, skip, wait };

    InitialCopyPlan() = default;

    // A new plan; the notes for the store. From here on the copy is not complete.
    std::vector<Note> create(std::vector<CopyPart> parts, stream::Position from);
    // The plan that the store knows. False when its notes are damaged, or there are none: then the
    // store is neither new nor copied.
    bool restore(const std::vector<Note>& notes);
    // Forgets everything, as after construction.
    void reset();

    // Every part is in the store and the log is past their snapshots. Cheap.
    bool complete() const { return complete_.load(std::memory_order_acquire); }
    // Whether there is a plan, complete or not.
    bool exists() const;

    // For the loader, while the copy is not complete. A transaction that is delivered, before its
    // changes are; and where the loader is after it.
    void delivered(const stream::Transaction& transaction);
    void passed(stream::Position position);
    Verdict admit(const stream::Transaction& transaction, stream::Table table,
                  std::int64_t observed_at);
    // Blocks until the part of that change is no longer being read; false once stop() was called.
    bool await(stream::Table table, std::int64_t observed_at);
    // Ends the copy in a batch that holds the log until `until`: the notes for it, or none when it
    // is too early. finished() once they are in the store.
    std::vector<Note> finish(stream::Position until) const;
    // Whether a batch with these notes ends the copy.
    static bool is_finish(const std::vector<Note>& notes);
    void finished();
    // From where the log is delivered again after a crash, while the copy is not complete: skipped
    // changes of transactions after it may not be visible yet.
    std::optional<stream::Position> safe() const;

    // For the copy. The next part that is not in the store, nullopt: there is none.
    struct Work {
        CopyPart part;
        bool repeated = false;                 // the store may hold some of its rows
        std::vector<std::uint32_t> delivered;  // its snapshot has to show these transactions
        stream::Position safe;                 // what becomes safe() with it
    };
    std::optional<Work> begin();
    // The notes for the batch with the first rows of a part, unless done() goes with it.
    static std::vector<Note> begun(const Work& work);
    // The notes for the batch with the last rows of a part; settle() once they are in the store.
    static std::vector<Note> done(const Work& work, const stream::CopySnapshot& snapshot);
    void settle(const Work& work, const stream::CopySnapshot& snapshot);
    // The part failed and will begin again.
    void give_up(const Work& work);

    // Wakes await(), until create() or restore().
    void stop();

    struct Progress {
        std::size_t done = 0;
        std::size_t parts = 0;
    };
    Progress progress() const;

private:
    enum class State : std::uint8_t { waiting, copying, done };
    struct Entry {
        CopyPart part;
        State state = State::waiting;
        bool begun = false;
        stream::CopySnapshot snapshot = {};  // of a part that is done
    };
    Entry* find(stream::Table table, std::int64_t observed_at);
    Entry* find(const CopyPart& part) { return find(part.table, part.range.from); }
    void arrange();

    std::atomic<bool> complete_{false};
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Entry> tables_;
    std::vector<Entry> ranges_;             // of observations, ascending
    std::vector<std::uint32_t> delivered_;  // since the last begin()
    stream::Position passed_;
    stream::Position safe_;
    bool exists_ = false;
    bool stopping_ = false;
};

}  // namespace atlas::analytics
