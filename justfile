default:
    @just --list --unsorted
