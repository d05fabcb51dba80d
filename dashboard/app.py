"""The pages in a browser, with Dash."""

from __future__ import annotations

import typing as t

import psycopg
from dash import Dash, Input, Output, dcc, html

from dashboard import queries
from dashboard.pages import PAGES, Choice, company_pages, creatives

if t.TYPE_CHECKING:
    from dashboard.queries import Marts

LEAST_SPEND = 50
"""US dollars that a creative must have cost to be judged, unless the reader says otherwise."""


def made(marts: Marts) -> Dash:
    """Return the application."""
    accounts = marts.rows(queries.ACCOUNTS)
    app = Dash(__name__, title="LinkedIn Ads", update_title="")
    app.layout = html.Div(
        [
            dcc.Location(id="address"),
            html.Nav([dcc.Link(title, href=path) for path, (title, _) in PAGES.items()]),
            html.Div(_choice_of_client(accounts), id="of-ads"),
            html.Div(_choice_of_creatives(), id="of-creatives"),
            html.Main(id="page"),
        ]
    )

    def page(
        path: str, account: int | None, by: str, least_spend: float | None
    ) -> tuple[list[t.Any], bool, bool]:
        title, contents = PAGES.get(path, PAGES["/"])
        try:
            shown = contents(marts, Choice(account, by, least_spend or 0))
        except psycopg.errors.UndefinedTable as error:
            missing = str(error).split('"')[1]
            shown = [html.P(f"This page needs {missing}, which dbt has not made: see docs/dbt.md.")]
        is_of_pages, is_of_creatives = contents is company_pages, contents is creatives
        return [html.H1(title), *shown], is_of_pages, not is_of_creatives

    app.callback(
        Output("page", "children"),
        Output("of-ads", "hidden"),
        Output("of-creatives", "hidden"),
        Input("address", "pathname"),
        Input("account", "value"),
        Input("by", "value"),
        Input("least-spend", "value"),
    )(page)
    return app


def _choice_of_client(accounts: list[queries.Row]) -> t.Any:  # noqa: ANN401 - Dash's
    clients = [{"label": row["account_name"], "value": row["account_id"]} for row in accounts]
    return html.Label(["Client", dcc.Dropdown(clients, id="account", placeholder="All clients")])


def _choice_of_creatives() -> list[t.Any]:
    ways = {"results": "Cost of a lead or conversion", "clicks": "Click-through rate"}
    least = dcc.Input(LEAST_SPEND, type="number", min=0, id="least-spend", debounce=True)
    return [
        html.Label(["Judged by", dcc.Dropdown(ways, "results", id="by", clearable=False)]),
        html.Label(["Least spend, USD", least]),
    ]
