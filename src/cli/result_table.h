// SPDX-License-Identifier: Apache-2.0
//
// The result of an analytical question as the command line shows it: cells are texts, numbers by
// the digits that the server sent.
//
// Threading  pure functions but for print_result(); the main thread.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

namespace atlas::cli {

struct ResultTable {
    struct Column {
        std::string name;
        std::string type;  // a word of the attribute types
    };
    std::vector<Column> columns;
    std::vector<std::vector<std::string>> rows;  // a cell without a value is empty
    bool truncated = false;                      // the server's row limit cut it
    std::string plan;                            // JSON; empty: none
    boost::json::value metadata;
};

// The JSON body of a response. Throws CommandError when it is none of an analytical question.
ResultTable read_result(const std::string& body);

// The table to stdout; how many rows, their age and the plan to stderr.
void print_result(const ResultTable& result);

}  // namespace atlas::cli
