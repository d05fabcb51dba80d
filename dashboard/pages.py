"""The pages: figures as text and tables, to read and to copy, and a chart where it helps."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass
from decimal import Decimal

from dash import dcc, html

from dashboard import queries

if t.TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dashboard.queries import Marts, Row

_GREY = "#808994"
_GRID = "rgba(128, 137, 148, 0.25)"
_COLOURS = ("#3b82c4", "#d97b29", "#3f9d5f", "#b0559d", "#8c7ad1", "#b8953a", "#3a9c97", "#c85a54")
_OFF_PLAN = Decimal("0.2")
_FIGURE = re.compile(r"-?[\d,.]*%?( of -?[\d,.]*)?")
_ROOM = 90
"""Letters of a text that a table has room for."""


@dataclass(frozen=True)
class Choice:
    """What the reader chose.

    Attributes:
        account: An ad account; None for all.
        by: What creatives are judged by, `results` or `clicks`.
        least_spend: US dollars that a creative must have cost to be judged.
    """

    account: int | None = None
    by: str = "results"
    least_spend: float = 0


def spend(marts: Marts, choice: Choice) -> list[t.Any]:
    """Show spend by client and month."""
    rows = marts.rows(queries.SPEND, account=choice.account)
    columns: dict[str, Cell] = {
        "Month": lambda row: f"{row['month']:%Y-%m}",
        "Client": lambda row: row["account_name"],
        "Currency": lambda row: row["currency_code"],
        "Spend": lambda row: money(row["cost"]),
        "Spend, USD": lambda row: money(row["cost_in_usd"]),
        "Impressions": lambda row: count(row["impressions"]),
        "Clicks": lambda row: count(row["clicks"]),
        "Click-through rate": lambda row: percent(ratio(row["clicks"], row["impressions"])),
    }
    return [
        totals(
            ("Spend, USD", money(total(rows, "cost_in_usd"))),
            ("Impressions", count(total(rows, "impressions"))),
            ("Clicks", count(total(rows, "clicks"))),
        ),
        months(rows, "cost_in_usd", "Spend by month, USD"),
        table(columns, rows),
    ]


def pacing(marts: Marts, choice: Choice) -> list[t.Any]:
    """Show active campaigns beside their budgets."""
    rows = marts.rows(queries.PACING, account=choice.account)
    columns: dict[str, Cell] = {
        "Client": lambda row: row["account_name"],
        "Campaign": lambda row: row["campaign_name"],
        "Budget": lambda row: f"{money(row['budget'])} {row['currency_code']} {row['budget_kind']}",
        "Days": lambda row: count(row["paced_days"]),
        "Budget to date": lambda row: money(row["budget_to_date"]),
        "Spend": lambda row: money(row["cost"]),
        "Pacing": lambda row: percent(row["pacing"]),
        "Last 7 days": lambda row: percent(row["daily_pacing"]),
        "": lambda row: judgement(row["pacing"]),
    }
    judged = [judgement(row["pacing"]) for row in rows]
    until = f" up to {rows[0]['as_of']}" if rows else ""
    return [
        totals(
            ("Active campaigns with a budget", count(len(rows))),
            *((word, count(judged.count(word))) for word in ("ahead", "on plan", "behind")),
        ),
        note(
            "Pacing is spend by what the budget allows for the days that are loaded and over"
            f"{until}. A total budget is spread evenly over its schedule. The last 7 days are"
            " held to the daily budget."
        ),
        table(columns, rows),
    ]


def creatives(marts: Marts, choice: Choice) -> list[t.Any]:
    """Show the best and the worst creatives."""
    columns: dict[str, Cell] = {
        "Creative": lambda row: str(row["creative_id"]),
        "Shows": lambda row: short(row["shows"]),
        "Campaign": lambda row: row["campaign_name"],
        "Spend, USD": lambda row: money(row["cost_in_usd"]),
        "Leads and conversions": lambda row: count(row["results"]),
        "Cost of one, USD": lambda row: money(row["cost_per_result"]),
        "Clicks": lambda row: count(row["clicks"]),
        "Click-through rate": lambda row: percent(row["click_through_rate"]),
    }
    chosen = {"account": choice.account, "by": choice.by, "least_spend": choice.least_spend}
    return [
        html.H2("Best"),
        table(columns, marts.rows(queries.BEST, **chosen)),
        html.H2("Worst"),
        table(columns, marts.rows(queries.WORST, **chosen)),
    ]


def conversions(marts: Marts, choice: Choice) -> list[t.Any]:
    """Show conversions, leads and what one costs."""
    rows = marts.rows(queries.SPEND, account=choice.account)
    columns: dict[str, Cell] = {
        "Month": lambda row: f"{row['month']:%Y-%m}",
        "Client": lambda row: row["account_name"],
        "Spend, USD": lambda row: money(row["cost_in_usd"]),
        "Leads": lambda row: count(row["leads"]),
        "Cost per lead, USD": lambda row: money(ratio(row["cost_in_usd"], row["leads"])),
        "Conversions": lambda row: count(row["conversions"]),
        "Cost per conversion, USD": lambda row: money(
            ratio(row["cost_in_usd"], row["conversions"])
        ),
    }
    rules: dict[str, Cell] = {
        "Client": lambda row: row["account_name"],
        "Rule": lambda row: row["conversion_name"],
        "Type": lambda row: row["conversion_type"],
        "Conversions": lambda row: count(row["conversions"]),
        "After a click": lambda row: count(row["post_click_conversions"]),
        "After a view": lambda row: count(row["post_view_conversions"]),
        "Value": lambda row: f"{money(row['conversion_value'])} {row['currency_code']}",
    }
    cost, leads = total(rows, "cost_in_usd"), total(rows, "leads")
    return [
        totals(
            ("Leads", count(leads)),
            ("Cost per lead, USD", money(ratio(cost, leads))),
            ("Conversions", count(total(rows, "conversions"))),
            (
                "Cost per conversion, USD",
                money(ratio(cost, total(rows, "conversions"))),
            ),
        ),
        months(rows, "leads", "Leads by month"),
        table(columns, rows),
        html.H2("By rule"),
        note("A rule that credits every campaign counts a conversion once for each."),
        table(rules, marts.rows(queries.RULES, account=choice.account)),
    ]


def company_pages(marts: Marts, _: Choice) -> list[t.Any]:
    """Show followers and posts."""
    followers = marts.rows(queries.FOLLOWERS)
    names = {row["organization_id"]: row["organization_name"] for row in followers}
    newest = {row["organization_id"]: row for row in followers}.values()
    posts, (sums,) = marts.rows(queries.POSTS), marts.rows(queries.POST_TOTALS)
    of_pages: dict[str, Cell] = {
        "Page": lambda row: row["organization_name"],
        "Day of reading": lambda row: str(row["metric_date"]),
        "Followers": lambda row: count(row["followers"]),
        "Since the reading before": lambda row: count(row["gain_since_previous_day"]),
    }
    of_posts: dict[str, Cell] = {
        "Page": lambda row: names.get(row["organization_id"], str(row["organization_id"])),
        "Published": lambda row: f"{row['published_at']:%Y-%m-%d}" if row["published_at"] else "",
        "Kind": lambda row: row["content_type"],
        "Text": lambda row: short(row["post_text"]),
        "Impressions": lambda row: count(row["impressions"]),
        "Clicks": lambda row: count(row["clicks"]),
        "Likes": lambda row: count(row["likes"]),
        "Comments": lambda row: count(row["comments"]),
        "Shares": lambda row: count(row["shares"]),
        "Engagement rate": lambda row: percent(row["engagement_rate"]),
    }
    return [
        totals(
            ("Followers", count(total(newest, "followers"))),
            ("Posts", count(sums["posts"])),
            ("Organic impressions", count(sums["impressions"])),
            ("Engagements", count(sums["engagements"])),
        ),
        table(of_pages, list(newest)),
        html.H2("The posts that most people saw"),
        table(of_posts, posts),
    ]


def receipts(marts: Marts, choice: Choice) -> list[t.Any]:
    """Show what was read, and whether it adds up to LinkedIn's own figures."""
    rows = marts.rows(queries.RECEIPTS, account=choice.account)
    columns: dict[str, Cell] = {
        "Report": lambda row: row["stream_name"],
        "Client": lambda row: row["account_name"],
        "Days": lambda row: f"{row['first_day']} to {row['last_day']}",
        "Read": lambda row: count(row["days"]),
        "Not read": lambda row: count(row["days_without"]),
        "Rows": lambda row: count(row["row_count"]),
        "Match": lambda row: count(row["matching"]),
        "Differ": lambda row: count(row["differing"]),
        "Not compared": lambda row: count(row["not_compared"]),
        "Last read, UTC": lambda row: f"{row['read_at']:%Y-%m-%d %H:%M}",
    }
    differences: dict[str, Cell] = {
        "Day": lambda row: str(row["metric_date"]),
        "Client": lambda row: row["account_name"],
        "Report": lambda row: row["stream_name"],
        "Impressions": lambda row: pair(count, row, "impressions"),
        "Clicks": lambda row: pair(count, row, "clicks"),
        "Cost": lambda row: pair(money, row, "cost_in_local_currency"),
    }
    differing = marts.rows(queries.DIFFERENCES, account=choice.account)
    return [
        totals(
            ("Days of reports read", count(total(rows, "days"))),
            ("Add up to LinkedIn's figures", count(total(rows, "matching"))),
            ("Differ", count(total(rows, "differing"))),
            ("Not read in between", count(total(rows, "days_without"))),
        ),
        note("Reports that cannot be added up, such as those of rules, are not compared."),
        *([html.H2("Differences"), table(differences, differing)] if differing else []),
        table(columns, rows),
    ]


Page = t.Callable[["Marts", Choice], list[t.Any]]
PAGES: dict[str, tuple[str, Page]] = {
    "/": ("Spend", spend),
    "/pacing": ("Pacing", pacing),
    "/creatives": ("Creatives", creatives),
    "/conversions": ("Conversions", conversions),
    "/pages": ("Followers and posts", company_pages),
    "/receipts": ("Receipts", receipts),
}
"""The title and the contents of each address."""

Cell = t.Callable[["Row"], str | None]


def table(columns: dict[str, Cell], rows: Sequence[Row]) -> t.Any:  # noqa: ANN401 - Dash's
    """Return a table; figures are to the right."""
    if not rows:
        return note("There is nothing to show.")
    cells = [[cell(row) or "" for cell in columns.values()] for row in rows]
    marks = [
        "figure" if place and all(_FIGURE.fullmatch(line[place]) for line in cells) else ""
        for place in range(len(columns))
    ]
    head = [html.Th(name, className=mark) for name, mark in zip(columns, marks, strict=True)]
    body = [
        html.Tr([html.Td(text, className=mark) for text, mark in zip(line, marks, strict=True)])
        for line in cells
    ]
    return html.Div(html.Table([html.Thead(html.Tr(head)), html.Tbody(body)]), className="table")


def totals(*figures: tuple[str, str]) -> t.Any:  # noqa: ANN401
    """Return figures in large letters."""
    return html.Div(
        [html.Div([html.Span(name), html.Strong(text)]) for name, text in figures],
        className="totals",
    )


def note(text: str) -> t.Any:  # noqa: ANN401
    """Return a text in small letters."""
    return html.P(text, className="note")


def months(rows: list[Row], figure: str, title: str) -> t.Any:  # noqa: ANN401
    """Return bars by month, a colour for each client."""
    clients = dict.fromkeys(row["account_name"] for row in rows)
    axis = {"gridcolor": _GRID, "zerolinecolor": _GRID}
    bars = [
        {
            "type": "bar",
            "name": client,
            "x": [f"{row['month']:%Y-%m}" for row in rows if row["account_name"] == client],
            "y": [float(row[figure] or 0) for row in rows if row["account_name"] == client],
            "marker": {"color": _COLOURS[place % len(_COLOURS)]},
        }
        for place, client in enumerate(clients)
    ]
    layout = {
        "barmode": "stack",
        "title": {"text": title, "font": {"size": 14}},
        "height": 300,
        "margin": {"l": 60, "r": 10, "t": 40, "b": 30},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "font": {"color": _GREY},
        "showlegend": True,
        "xaxis": {"type": "category", "categoryorder": "category ascending", **axis},
        "yaxis": axis,
    }
    return dcc.Graph(figure={"data": bars, "layout": layout}, config={"displayModeBar": False})


def total(rows: t.Iterable[Row], figure: str) -> Decimal:
    """Add a figure up."""
    return sum((Decimal(row[figure] or 0) for row in rows), Decimal(0))


def ratio(figure: Decimal | int | None, by: Decimal | int | None) -> Decimal | None:
    """Divide, where there is something to divide by."""
    return Decimal(figure or 0) / by if by else None


def money(amount: Decimal | None) -> str:
    """Return an amount with two digits after the point."""
    return "-" if amount is None else f"{amount:,.2f}"


def count(number: Decimal | int | None) -> str:
    """Return a whole number."""
    return "-" if number is None else f"{number:,.0f}"


def percent(share: Decimal | None) -> str:
    """Return a share of one in percent."""
    return "-" if share is None else f"{share:.1%}"


def pair(shown: Callable[[t.Any], str], row: Row, figure: str) -> str:
    """Return the figure of the rows beside LinkedIn's."""
    return f"{shown(row[figure])} of {shown(row[f'account_{figure}'])}"


def judgement(share: Decimal) -> str:
    """Say how a budget is doing."""
    if abs(share - 1) <= _OFF_PLAN:
        return "on plan"
    return "ahead" if share > 1 else "behind"


def short(text: str | None) -> str:
    """Return as much of a text as a table has room for."""
    words = " ".join((text or "").split())
    return words if len(words) <= _ROOM else f"{words[: _ROOM - 1]}…"
