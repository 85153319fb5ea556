
"use strict";
/* Sorts and filters the tables; without it they are as they were written. */
function value(row, column) {
	const cell = row.cells[column];
	return cell.dataset.v === undefined ? cell.textContent.toLowerCase() : Number(cell.dataset.v);
}
function sort(table, column, header) {
	const body = table.tBodies[0];
	const down = header.getAttribute("aria-sort") !== "descending";
	for (const other of header.parentNode.cells) other.removeAttribute("aria-sort");
	header.setAttribute("aria-sort", down ? "descending" : "ascending");
	const rows = Array.from(body.rows).sort((a, b) => {
		const x = value(a, column), y = value(b, column);
		return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
	});
	body.append(...rows);
}
for (const table of document.querySelectorAll("table.cards")) {
	for (const header of table.tHead.rows[0].cells) {
		const column = header.cellIndex;
		const cell = table.tBodies[0].rows[0] && table.tBodies[0].rows[0].cells[column];
		if (!cell || (cell.dataset.v === undefined && column > 0)) continue;
		const button = document.createElement("button");
		button.type = "button";
		button.textContent = header.textContent;
		button.addEventListener("click", () => sort(table, column, header));
		header.replaceChildren(button);
	}
	if (table.tBodies[0].rows.length < 8) continue;
	const input = document.createElement("input");
	input.type = "search";
	input.className = "filter";
	input.placeholder = "Filter";
	input.setAttribute("aria-label", "Show only rows with this text");
	input.addEventListener("input", () => {
		const text = input.value.toLowerCase();
		for (const row of table.tBodies[0].rows)
			row.hidden = !row.cells[0].textContent.toLowerCase().includes(text);
	});
	table.parentNode.before(input);
}
