"""The cards of the landing page come from the notebooks' own words."""

from __future__ import annotations

import json

from octolab.jupyter.pages import page_data


def notebook(path, **about):
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"metadata": about, "cells": []}))


def test_a_card_has_title_summary_and_minutes(tmp_path):
    title = {"en": "One", "ru": "Раз"}
    summary = {"en": "First.", "ru": "Первая."}
    notebook(
        tmp_path / "labs" / "01_one.ipynb",
        octolab={"title": title, "summary": summary, "minutes": 10},
    )
    [group] = page_data(tmp_path, "/")["groups"]
    assert group["title"]["en"] == "Labs"
    assert group["cards"] == [
        {"path": "labs/01_one.ipynb", "title": title, "summary": summary, "minutes": 10}
    ]


def test_a_notebook_without_words_is_called_by_its_file(tmp_path):
    notebook(tmp_path / "labs" / "my_study.ipynb")
    [group] = page_data(tmp_path, "/")["groups"]
    assert group["cards"][0]["title"] == {"en": "my study", "ru": "my study"}


def test_a_damaged_notebook_does_not_take_the_page_down(tmp_path):
    notebook(tmp_path / "labs" / "good.ipynb")
    (tmp_path / "labs" / "bad.ipynb").write_text("{")
    [group] = page_data(tmp_path, "/")["groups"]
    assert [card["title"]["en"] for card in group["cards"]] == ["bad", "good"]


def test_addresses_are_under_the_base_url(tmp_path):
    page = page_data(tmp_path, "/user/ada/octolab/")
    assert page["home"] == "/user/ada/octolab/"
    assert page["render"] == "/user/ada/octolab/voila/render/"
