"""What arrived in PostgreSQL: tables of streams and of ads, and a picture of spend per day."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from decimal import Decimal

from psycopg import sql

if t.TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from demo.postgres import Postgres

_HEIGHT = 8
_DAYS = 84
_ADS = 10
_WORDS = 32
_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII_BLOCKS = " .:|"


@dataclass(frozen=True)
class Load:
    """What one run wrote into one table."""

    rows: int
    first_day: dt.date | None
    last_day: dt.date | None


@dataclass(frozen=True)
class Day:
    """What was spent on one day."""

    date: dt.date
    spend: Decimal


@dataclass(frozen=True)
class Ad:
    """What one creative shows, and what it came to."""

    headline: str | None
    text: str | None
    landing_page: str | None
    picture: str | None
    spend: Decimal
    clicks: int

    @property
    def cells(self) -> list[str]:
        """Return it as a row of a table, with the first words and the ends of addresses cut off."""
        words = " ".join((self.text or "").split())
        shown = [self.headline or "", words, self.landing_page or "", self.picture or ""]
        return [*map(_cut, shown), f"{self.spend:,.0f}", f"{self.clicks:,}"]


def _cut(text: str) -> str:
    return text if len(text) <= _WORDS else f"{text[: _WORDS - 3]}..."


def loads(server: Postgres, schema: str, since: int) -> dict[str, Load]:
    """Ask every table which rows a run wrote that began at that time (epoch milliseconds)."""
    found: dict[str, Load] = {}
    with server.connect() as connection:
        tables = connection.execute(
            "select table_name, bool_or(column_name = 'metric_date')"
            " from information_schema.columns where table_schema = %s"
            " group by table_name order by table_name",
            [schema],
        ).fetchall()
        for name, has_days in tables:
            day = sql.Identifier("metric_date") if has_days else sql.SQL("null::date")
            query = sql.SQL(
                "select count(*), min({day}), max({day}) from {table}"
                " where _sdc_sync_started_at >= {since}"
            ).format(day=day, table=sql.Identifier(schema, name), since=since)
            found[name] = Load(*connection.execute(query).fetchall()[0])
    return found


def counts(server: Postgres, schema: str, tables: Sequence[str]) -> dict[str, int]:
    """Count the rows of tables."""
    with server.connect() as connection:
        return {
            name: connection.execute(
                sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))
            ).fetchall()[0][0]
            for name in tables
        }


def differing(server: Postgres, one: str, other: str, tables: Sequence[str]) -> list[str]:
    """Name the tables that have not as many rows in both schemas."""
    counted, others = counts(server, one, tables), counts(server, other, tables)
    return [name for name in tables if counted[name] != others[name]]


def spend_per_day(server: Postgres, schema: str) -> list[Day]:
    """Add up what all ad accounts spent, in US dollars, day by day."""
    query = sql.SQL(
        "select metric_date, sum(cost_in_usd) from {} group by metric_date order by metric_date"
    ).format(sql.Identifier(schema, "ad_performance"))
    with server.connect() as connection:
        rows = connection.execute(query).fetchall()
    return [Day(date, spend or Decimal(0)) for date, spend in rows][-_DAYS:]


def top_ads(server: Postgres, schema: str) -> list[Ad]:
    """Return the ads that most was spent on, the largest first, with what they show."""
    query = sql.SQL(
        "select c.headline, p.commentary_text, c.landing_page,"
        " coalesce(p.content_media_image_download_url, p.content_media_video_thumbnail,"
        " p.content_article_thumbnail_download_url, k.media_download_url, i.image_download_url),"
        " f.spend, f.clicks"
        " from (select creative_id, sum(cost_in_usd) as spend, sum(clicks) as clicks"
        " from {figures} group by creative_id) f"
        " join {creatives} c on c.id = f.creative_id"
        " left join {posts} p on p.post_urn = c.content_reference_urn"
        " left join {cards} k on k.post_urn = p.post_urn and k.position = 1"
        " left join {images} i on i.post_urn = p.post_urn and i.position = 1"
        " order by f.spend desc nulls last, c.id limit {ads}"
    ).format(
        figures=sql.Identifier(schema, "ad_performance"),
        creatives=sql.Identifier(schema, "creatives"),
        posts=sql.Identifier(schema, "ad_posts"),
        cards=sql.Identifier(schema, "ad_post_carousel_cards"),
        images=sql.Identifier(schema, "ad_post_multi_images"),
        ads=sql.Literal(_ADS),
    )
    with server.connect() as connection:
        rows = connection.execute(query).fetchall()
    return [
        Ad(headline, text, page, picture, spend or Decimal(0), int(clicks or 0))
        for headline, text, page, picture, spend, clicks in rows
    ]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lay out rows below their header; columns of numbers are aligned to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    numeric = [
        all(row[i].replace(",", "").isdigit() for row in rows if row[i]) for i in range(len(header))
    ]

    def lay_out(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(cells, widths, numeric, strict=True)
        ]
        return "  ".join(padded).rstrip()

    return [lay_out(header), "  ".join("-" * width for width in widths), *map(lay_out, rows)]


def bars(days: Sequence[Day], *, blocks: str) -> list[str]:
    """Draw one upright bar a day, with the scale on the left and the dates below."""
    top = max((day.spend for day in days), default=Decimal(0))
    if not top:
        return ["nothing was spent"]
    steps = len(blocks) - 1
    heights = [int((day.spend / top * _HEIGHT * steps).to_integral_value()) for day in days]
    label = f"{top:,.0f}"
    lines = []
    for level in reversed(range(_HEIGHT)):
        scale = label if level == _HEIGHT - 1 else "0" if level == 0 else ""
        cells = (blocks[min(max(height - level * steps, 0), steps)] for height in heights)
        lines.append(f"{scale.rjust(len(label))} |{''.join(cells)}".rstrip())
    first, last = str(days[0].date), str(days[-1].date)
    axis = first + last.rjust(max(len(days) - len(first), len(last) + 1))
    return [*lines, " " * (len(label) + 2) + axis]


def blocks(*, unicode: bool) -> str:
    """Give the characters that bars are made of, from empty to full."""
    return _BLOCKS if unicode else _ASCII_BLOCKS
