"""The blueprint of the learners' pages."""

from flask import Blueprint

pages = Blueprint("pages", __name__)
