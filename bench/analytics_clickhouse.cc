// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "bench/analytics.h"
#include "bench/clickhouse.h"
#include "bench/questions.h"
#include "bench/rows.h"

namespace atlas::bench {

// Goal: what the named queries take of the largest tenant, here and in ClickHouse's engine.
// Method: both have the same points and two threads, and one runs after the other. A time of ours
// is that of an HTTP request, one of theirs that of a call in its process; of each the median. The
// rows of both have to be the same.
void analytics_clickhouse(SharedMonth& shared, const Settings& settings, Report& report) {
    const ClickHouse clickhouse;
    Month& month = shared.get(settings, report);
    const double seconds = settings.seconds_or(60) / 2;
    const auto& tenant = month.tenants().front();
    const auto questions = named_questions(month);
    const auto folder = month.folder() / "clickhouse";
    month.use_store([&](auto& store) { export_store(store, folder); });
    auto theirs = clickhouse.ask(folder, tenant.id, named_parameters(month), seconds);
    std::filesystem::remove_all(folder);
    report.note(fmt::format(
        "ClickHouse {}: loaded in {:.0f} s, {:.1f} bytes a point; our store "
        "{:.1f}",
        theirs.version, theirs.load_seconds, theirs.bytes / static_cast<double>(month.points()),
        month.size().used_bytes / static_cast<double>(month.points())));
    if (theirs.queries.size() != questions.size()) return report.wrong("queries are missing");
    Questioner questioner(month.serve(2), tenant.name);
    double our_sum = 0;
    double their_sum = 0;
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const Question& question = questions[i];
        auto& peer = theirs.queries[i];
        const auto rows = questioner.rows(question);
        if (peer.name != question.name) return report.wrong("no query " + question.name);
        if (const auto fault = difference(rows, peer.rows)) {
            report.wrong(fmt::format("{}: {}", question.name, *fault));
            continue;
        }
        auto samples = questioner.repeat(question, seconds / static_cast<double>(questions.size()));
        const double ours = percentile(samples, 0.5);
        const double reference = percentile(peer.milliseconds, 0.5);
        our_sum += ours;
        their_sum += reference;
        report.note(fmt::format("{}: {} rows", question.name, rows.size()));
        report.metric({question.name + "_p50_ms", ours, {}, reference, reference / ours});
    }
    report.metric({"sum_ms", our_sum, their_sum, their_sum, their_sum / our_sum});
}

}  // namespace atlas::bench
