// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/run.h"

#include <fmt/format.h>
#include <signal.h>

#include "cli/ingest/lanes.h"
#include "cli/present.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kMaxQueued = 8;
constexpr std::size_t kMaxChunkBytes = std::size_t{64} << 20U;  // before it is divided
constexpr std::chrono::milliseconds kWatch{200};
constexpr int kSaveEvery = 5;  // watches
constexpr std::size_t kBarWidth = 24;

sigset_t stop_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    return signals;
}

bool stop_asked() {
    const sigset_t signals = stop_signals();
    const timespec at_once{0, 0};
    return sigtimedwait(&signals, nullptr, &at_once) > 0;
}

}  // namespace

IngestRun::IngestRun(const IngestOptions& options, std::string file, FileFormat format)
    : options_(options),
      file_(std::move(file)),
      input_(Input::open(file_, options.encoding)),
      format_(look_at(format, *input_)),
      lanes_(static_cast<std::size_t>(options.connections)),
      catalog_(options, delivery_) {
    rejects_path_ = options.rejects;
    if (rejects_path_.empty()) {
        rejects_path_ = (file_ == "-" ? "stdin" : file_) + ".rejects.ndjson";
    }
    if (file_ != "-" && !options.dry_run) {
        state_.emplace(options.state, file_, *input_, options.server, options.encoding);
    }
}

IngestRun::~IngestRun() {
    join();
}

void IngestRun::join() {
    delivery_.stopping = true;
    changed_.notify_all();
    if (reader_.joinable()) reader_.join();
    for (auto& worker : workers_) worker.join();
    workers_.clear();
}

IngestTotals IngestRun::run() {
    const sigset_t signals = stop_signals();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    place_.started_at = now();
    if (state_ && !options_.restart) {
        if (const auto found = state_->load()) {
            place_ = *found;
            resumed_ = true;
            fmt::print(stderr, "{}: continuing after line {}\n", file_, place_.line);
        }
    }
    saved_ = place_;
    begin_ = std::chrono::steady_clock::now();
    delivery_.last_success_ms = steady_ms();
    reader_ = std::thread([this, place = place_] { read_all(place); });
    working_ = options_.connections;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        workers_.emplace_back([this, lane] { deliver_all(lane); });
    }
    watch();
    join();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    totals_.seconds = took.count();
    if (rejects_.is_open()) rejects_.close();
    if (error_) {
        save_state();
        std::rethrow_exception(error_);
    }
    if (format_ != FileFormat::csv && !resumed_ && totals_.records + totals_.rejected == 0) {
        fmt::print(stderr, "{}: the file has no records\n", file_);
    }
    if (state_) state_->remove();
    if (!options_.dry_run) catalog_.set_units(units_);
    return totals_;
}

void IngestRun::read_all(const Place& place) {
    try {
        KnownTypes known;
        if (format_ == FileFormat::csv) {
            known = catalog_.read();
            if (!options_.dry_run) catalog_.declare(known);
        }
        const auto reader = make_chunk_reader(format_, *input_, options_, place, std::move(known));
        const std::size_t bytes = std::max(
            options_.batch_bytes, std::min(options_.batch_bytes * lanes_.size(), kMaxChunkBytes));
        Chunk chunk;
        for (std::uint64_t sequence = 0; !delivery_.stopping; ++sequence) {
            chunk.clear();
            const bool more =
                reader->next(chunk, bytes, [this](const Reject& found) { reject_here(found); });
            if (!more) {
                const std::scoped_lock lock(mutex_);
                totals_.times += chunk.times;
                break;
            }
            chunk.sequence = sequence;
            pass_on(chunk);
        }
        units_ = reader->units();
    } catch (...) {
        fail(std::current_exception());
    }
    {
        const std::scoped_lock lock(mutex_);
        read_ = true;
    }
    changed_.notify_all();
}

// Records of one entity go through one lane, so a later one is sent after an earlier one arrived.
void IngestRun::pass_on(Chunk& chunk) {
    const std::uint64_t sequence = chunk.sequence;
    Place end{chunk.end_offset, chunk.end_line, {}};
    const TimeNotes times = chunk.times;
    auto parts = divide(chunk, lanes_.size(), options_.batch_bytes);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
        return delivery_.stopping || queued_ < std::max(kMaxQueued, 2 * lanes_.size());
    });
    end.started_at = place_.started_at;
    Passed& passed = passed_[sequence];
    passed.end = end;
    totals_.times += times;
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        passed.open += parts[lane].size();
        for (Chunk& part : parts[lane]) lanes_[lane].push_back(std::move(part));
    }
    queued_ += passed.open;
    advance();
    lock.unlock();
    changed_.notify_all();
}

std::optional<Chunk> IngestRun::take(std::size_t lane) {
    std::unique_lock lock(mutex_);
    auto& queue = lanes_[lane];
    changed_.wait(lock, [&] { return delivery_.stopping || read_ || !queue.empty(); });
    if (delivery_.stopping || queue.empty()) return std::nullopt;
    std::optional<Chunk> chunk(std::move(queue.front()));
    queue.pop_front();
    --queued_;
    lock.unlock();
    changed_.notify_all();
    return chunk;
}

void IngestRun::deliver_all(std::size_t lane) {
    try {
        Delivery delivery(options_, format_, delivery_,
                          [this](const Reject& found) { reject(found); });
        while (auto chunk = take(lane)) finish(*chunk, delivery.deliver(*chunk));
    } catch (...) {
        fail(std::current_exception());
    }
    {
        const std::scoped_lock lock(mutex_);
        --working_;
    }
    changed_.notify_all();
}

void IngestRun::finish(const Chunk& chunk, const Delivered& delivered) {
    const std::scoped_lock lock(mutex_);
    totals_.records += delivered.records;
    totals_.points += delivered.points;
    totals_.rejected += delivered.rejected;
    totals_.overwritten += delivered.overwritten;
    --passed_[chunk.sequence].open;
    advance();
}

// Moves the place over the chunks of which everything is delivered.
void IngestRun::advance() {
    for (auto next = passed_.find(next_done_); next != passed_.end() && next->second.open == 0;
         next = passed_.find(next_done_)) {
        place_ = next->second.end;
        passed_.erase(next);
        ++next_done_;
    }
}

void IngestRun::reject(const Reject& found) {
    boost::json::object line{{"line", found.line}, {"code", found.code}, {"detail", found.detail}};
    if (!found.entity.empty()) line["entity"] = found.entity;
    if (!found.attribute.empty()) line["attribute"] = found.attribute;
    std::string input = found.input;
    while (input.ends_with('\n')) input.pop_back();
    line["input"] = input;
    const std::scoped_lock lock(mutex_);
    if (!rejects_.is_open()) {
        // A run that continues adds to the rejects of the one before, a new one has its own.
        rejects_.open(rejects_path_, resumed_ ? std::ios::app : std::ios::trunc);
    }
    rejects_ << boost::json::serialize(line) << '\n';
}

// Those of the server are counted with their chunk, in data points.
void IngestRun::reject_here(const Reject& found) {
    reject(found);
    const std::scoped_lock lock(mutex_);
    ++totals_.rejected;
}

void IngestRun::fail(std::exception_ptr error) {
    {
        const std::scoped_lock lock(mutex_);
        if (!error_) error_ = std::move(error);
    }
    delivery_.stopping = true;
    changed_.notify_all();
}

void IngestRun::watch() {
    const bool visible = stderr_is_terminal() && !options_.server.json;
    for (int round = 1;; ++round) {
        {
            std::unique_lock lock(mutex_);
            const bool ended = changed_.wait_for(lock, kWatch, [this] { return working_ == 0; });
            if (ended) break;
        }
        if (stop_asked()) {
            fail(std::make_exception_ptr(
                CommandError("stopped; run the same command again to continue")));
        }
        if (visible) show_progress(false);
        if (round % kSaveEvery == 0) save_state();
    }
    if (visible) show_progress(true);
}

void IngestRun::save_state() {
    if (!state_) return;
    Place place;
    {
        const std::scoped_lock lock(mutex_);
        place = place_;
        rejects_.flush();
    }
    if (place.offset == saved_.offset) return;
    state_->save(place);
    saved_ = place;
}

void IngestRun::show_progress(bool last) {
    IngestTotals totals;
    {
        const std::scoped_lock lock(mutex_);
        totals = totals_;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    const double rate = static_cast<double>(totals.points) / std::max(0.001, took.count());
    const std::string counts =
        fmt::format("{} records  {} points/s", with_thousands(std::to_string(totals.records)),
                    with_thousands(fmt::format("{:.0f}", rate)));
    if (input_->raw_size() == 0) {
        fmt::print(stderr, "\r{}\x1b[K{}", counts, last ? "\n" : "");
        return;
    }
    const double share = std::min(
        1.0, static_cast<double>(input_->raw_position()) / static_cast<double>(input_->raw_size()));
    const double left = share > 0.001 ? took.count() / share * (1 - share) : 0;
    const auto filled = static_cast<std::size_t>(share * kBarWidth);
    fmt::print(stderr, "\r[{}{}] {:3.0f} %  {}  {}\x1b[K{}", std::string(filled, '='),
               std::string(kBarWidth - filled, ' '), share * 100, counts,
               last || left == 0 ? std::string() : "ETA " + show_duration(left), last ? "\n" : "");
}

}  // namespace atlas::cli
