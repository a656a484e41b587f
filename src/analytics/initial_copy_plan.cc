// SPDX-License-Identifier: Apache-2.0
#include "analytics/initial_copy_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace atlas::analytics {
namespace {

using stream::Table;

// Notes: "copy" is "complete" or the safe position; "copy/<part>" is "waiting", "begun" or the
// snapshot of a part that is done.
constexpr std::string_view kCopy = "copy";
constexpr std::string_view kPart = "copy/";
constexpr std::string_view kComplete = "complete";
constexpr std::string_view kWaiting = "waiting";
constexpr std::string_view kBegun = "begun";

std::string note_name(const CopyPart& part) {
    return std::string(kPart) + to_string(part);
}

std::optional<CopyPart> parse_part(std::string_view text) {
    for (const Table table : kSmallTables) {
        if (text == name_of(table)) return CopyPart{.table = table, .range = {}};
    }
    constexpr std::string_view kObservations = "observations ";
    if (!text.starts_with(kObservations)) return std::nullopt;
    text.remove_prefix(kObservations.size());
    const char* const end = text.data() + text.size();
    TimeRange range;
    const auto from = std::from_chars(text.data(), end, range.from);
    if (from.ec != std::errc() || from.ptr == end) return std::nullopt;
    const auto until = std::from_chars(from.ptr + 1, end, range.until);
    if (until.ec != std::errc() || until.ptr != end) return std::nullopt;
    return CopyPart{.table = Table::observations, .range = range};
}

}  // namespace

std::string to_string(const CopyPart& part) {
    if (part.table != Table::observations) return std::string(name_of(part.table));
    return fmt::format("observations {} {}", part.range.from, part.range.until);
}

void InitialCopyPlan::arrange() {
    const auto by_time = [](const Entry& entry) { return entry.part.range.from; };
    std::ranges::sort(ranges_, {}, by_time);
}

std::vector<Note> InitialCopyPlan::create(std::vector<CopyPart> parts, stream::Position from) {
    reset();
    const std::scoped_lock lock(mutex_);
    std::vector<Note> notes{{.name = std::string(kCopy), .text = stream::to_string(from)}};
    for (const CopyPart& part : parts) {
        (part.table == Table::observations ? ranges_ : tables_).push_back({.part = part});
        notes.push_back({.name = note_name(part), .text = std::string(kWaiting)});
    }
    arrange();
    safe_ = passed_ = from;
    exists_ = true;
    return notes;
}

bool InitialCopyPlan::restore(const std::vector<Note>& notes) {
    reset();
    const std::scoped_lock lock(mutex_);
    bool complete = false;
    for (const Note& note : notes) {
        const std::string_view name = note.name;
        const std::string& text = *note.text;
        if (name == kCopy) {
            complete = text == kComplete;
            const auto safe = complete ? stream::Position{} : stream::parse_position(text);
            if (!safe) return false;
            safe_ = passed_ = *safe;
            exists_ = true;
        } else if (name.starts_with(kPart)) {
            const auto part = parse_part(name.substr(kPart.size()));
            if (!part) return false;
            Entry entry{.part = *part};
            entry.begun = text == kBegun;
            if (text != kWaiting && text != kBegun) {
                const auto snapshot = stream::parse_copy_snapshot(text);
                if (!snapshot) return false;
                entry.snapshot = *snapshot;
                entry.state = State::done;
            }
            (part->table == Table::observations ? ranges_ : tables_).push_back(std::move(entry));
        }
    }
    arrange();
    complete_ = complete;
    return exists_;
}

void InitialCopyPlan::reset() {
    const std::scoped_lock lock(mutex_);
    tables_.clear();
    ranges_.clear();
    delivered_.clear();
    passed_ = safe_ = {};
    exists_ = stopping_ = false;
    complete_ = false;
    changed_.notify_all();
}

bool InitialCopyPlan::exists() const {
    const std::scoped_lock lock(mutex_);
    return exists_;
}

InitialCopyPlan::Entry* InitialCopyPlan::find(Table table, std::int64_t observed_at) {
    if (table != Table::observations) {
        const auto found = std::ranges::find_if(
            tables_, [table](const Entry& entry) { return entry.part.table == table; });
        return found == tables_.end() ? nullptr : &*found;
    }
    const auto after = std::ranges::upper_bound(
        ranges_, observed_at, {}, [](const Entry& entry) { return entry.part.range.from; });
    if (after == ranges_.begin()) return nullptr;
    Entry& entry = *std::prev(after);
    return observed_at < entry.part.range.until ? &entry : nullptr;
}

void InitialCopyPlan::delivered(const stream::Transaction& transaction) {
    const std::scoped_lock lock(mutex_);
    delivered_.push_back(transaction.xid);
}

void InitialCopyPlan::passed(stream::Position position) {
    const std::scoped_lock lock(mutex_);
    passed_ = std::max(passed_, position);
}

InitialCopyPlan::Verdict InitialCopyPlan::admit(const stream::Transaction& transaction, Table table,
                                                std::int64_t observed_at) {
    const std::scoped_lock lock(mutex_);
    const Entry* const entry = find(table, observed_at);
    if (entry == nullptr) return Verdict::apply;
    switch (entry->state) {
        case State::waiting: return Verdict::skip;
        case State::copying: return Verdict::wait;
        case State::done: break;
    }
    // What ends later has no number that the snapshot could know.
    if (transaction.commit >= entry->snapshot.after) return Verdict::apply;
    return entry->snapshot.shows(transaction.xid) ? Verdict::skip : Verdict::apply;
}

bool InitialCopyPlan::await(Table table, std::int64_t observed_at) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        if (stopping_) return true;
        const Entry* const entry = find(table, observed_at);
        return entry == nullptr || entry->state != State::copying;
    });
    return !stopping_;
}

std::vector<Note> InitialCopyPlan::finish(stream::Position until) const {
    const std::scoped_lock lock(mutex_);
    if (!exists_ || complete()) return {};
    std::vector<Note> notes{{.name = std::string(kCopy), .text = std::string(kComplete)}};
    for (const auto* entries : {&tables_, &ranges_}) {
        for (const Entry& entry : *entries) {
            if (entry.state != State::done || entry.snapshot.after > until) return {};
            notes.push_back({.name = note_name(entry.part), .text = std::nullopt});
        }
    }
    return notes;
}

bool InitialCopyPlan::is_finish(const std::vector<Note>& notes) {
    return std::ranges::any_of(
        notes, [](const Note& note) { return note.name == kCopy && note.text == kComplete; });
}

void InitialCopyPlan::finished() {
    const std::scoped_lock lock(mutex_);
    complete_ = true;
    delivered_ = {};
    tables_.clear();
    ranges_.clear();
}

std::optional<stream::Position> InitialCopyPlan::safe() const {
    const std::scoped_lock lock(mutex_);
    if (!exists_ || complete()) return std::nullopt;
    return safe_;
}

// Small tables first: their rows name what the observations hold. Then the newest observations,
// which are asked for most.
std::optional<InitialCopyPlan::Work> InitialCopyPlan::begin() {
    const std::scoped_lock lock(mutex_);
    if (!exists_ || stopping_) return std::nullopt;
    const auto is_waiting = [](const Entry& entry) { return entry.state == State::waiting; };
    Entry* entry = nullptr;
    if (const auto found = std::ranges::find_if(tables_, is_waiting); found != tables_.end()) {
        entry = &*found;
    } else if (const auto last = std::find_if(ranges_.rbegin(), ranges_.rend(), is_waiting);
               last != ranges_.rend()) {
        entry = &*last;
    } else {
        return std::nullopt;
    }
    entry->state = State::copying;
    return Work{.part = entry->part,
                .repeated = std::exchange(entry->begun, true),
                .delivered = std::exchange(delivered_, {}),
                .safe = passed_};
}

std::vector<Note> InitialCopyPlan::begun(const Work& work) {
    return {{.name = note_name(work.part), .text = std::string(kBegun)}};
}

std::vector<Note> InitialCopyPlan::done(const Work& work, const stream::CopySnapshot& snapshot) {
    return {{.name = std::string(kCopy), .text = stream::to_string(work.safe)},
            {.name = note_name(work.part), .text = to_string(snapshot)}};
}

void InitialCopyPlan::settle(const Work& work, const stream::CopySnapshot& snapshot) {
    const std::scoped_lock lock(mutex_);
    if (Entry* const entry = find(work.part); entry != nullptr) {
        entry->state = State::done;
        entry->snapshot = snapshot;
        safe_ = std::max(safe_, work.safe);
    }
    changed_.notify_all();
}

void InitialCopyPlan::give_up(const Work& work) {
    const std::scoped_lock lock(mutex_);
    if (Entry* const entry = find(work.part); entry != nullptr) entry->state = State::waiting;
    // The next snapshot has to show them, too.
    delivered_.insert(delivered_.end(), work.delivered.begin(), work.delivered.end());
    changed_.notify_all();
}

void InitialCopyPlan::stop() {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
}

InitialCopyPlan::Progress InitialCopyPlan::progress() const {
    const std::scoped_lock lock(mutex_);
    Progress progress{.done = 0, .parts = tables_.size() + ranges_.size()};
    for (const auto* entries : {&tables_, &ranges_}) {
        progress.done += static_cast<std::size_t>(std::ranges::count_if(
            *entries, [](const Entry& entry) { return entry.state == State::done; }));
    }
    return progress;
}

}  // namespace atlas::analytics
