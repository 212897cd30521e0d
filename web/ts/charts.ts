/*
 * Bars beside the table of figures, drawn from its cells; without a script,
 * or when this fails, the table says it all.
 */

import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent, TitleComponent,
         TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

use([AriaComponent, BarChart, GridComponent, LegendComponent, SVGRenderer,
     TitleComponent, TooltipComponent]);

const MOST = 24;
const TOP = 10;

interface Row {
    name: string;
    held: number;
    came: number;
}


/* Of rows that stand side by side: a unit is not compared with its parts. */

function rows(table: HTMLTableElement, texts: DOMStringMap): Row[] {
    const number = (row: HTMLTableRowElement, label = ''): number =>
        Number(Array.from(row.cells).find(
            (cell) => cell.dataset['label'] === label)?.textContent);

    return Array.from(table.tBodies[0]?.rows ?? [])
        .filter((row) => row.dataset['ranked'] !== undefined)
        .map((row) => ({ name: row.cells[0]?.textContent?.trim() ?? '',
                         held: number(row, texts['held']),
                         came: number(row, texts['came']) }));
}


function colour(name: string): string {
    return getComputedStyle(document.documentElement)
        .getPropertyValue(name).trim();
}


function look(): { ink: string; soft: string; line: string;
                   act: string; other: string }
{
    return { ink: colour('--ink'), soft: colour('--soft'),
             line: colour('--line'), act: colour('--act'),
             other: matchMedia('(prefers-color-scheme: dark)').matches
                 ? '#8ab4f8' : '#3d5a80' };
}


function both(all: Row[], texts: DOMStringMap): Parameters<
    EChartsType['setOption']>[0]
{
    const { ink, soft, line, act, other } = look();
    const axis = { axisLabel: { color: soft }, axisLine: {
        lineStyle: { color: line } }, splitLine: { lineStyle: {
        color: line } } };

    return {
        aria: { enabled: true },
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        color: [act, other],
        title: { text: texts['title'] ?? '', left: 8, textStyle: {
                 color: ink, fontSize: 16 } },
        legend: { right: 8, top: 2, bottom: 'auto',
                  textStyle: { color: soft } },
        tooltip: { trigger: 'axis', renderMode: 'richText' },
        grid: { left: 8, right: 8, bottom: 8, top: 64, containLabel: true },
        xAxis: { type: 'category', data: all.map((r) => r.name), ...axis,
                 axisLabel: { color: soft, hideOverlap: true, width: 96,
                              overflow: 'truncate' } },
        yAxis: [{ type: 'value', minInterval: 1, ...axis },
                { type: 'value', minInterval: 1, ...axis,
                  splitLine: { show: false } }],
        series: [
            { type: 'bar', name: texts['held'] ?? '', barMaxWidth: 36,
              data: all.map((r) => r.held) },
            { type: 'bar', name: texts['came'] ?? '', yAxisIndex: 1,
              barMaxWidth: 36, data: all.map((r) => r.came) }
        ]
    };
}


function top(all: Row[], texts: DOMStringMap): Parameters<
    EChartsType['setOption']>[0]
{
    const { ink, soft, line, act } = look();
    const best = [...all].sort((a, b) => b.came - a.came).slice(0, TOP)
        .filter((r) => r.came > 0).reverse();

    return {
        aria: { enabled: true },
        animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
        color: [act],
        title: { text: texts['top'] ?? '', left: 8, textStyle: {
                 color: ink, fontSize: 16 } },
        tooltip: { trigger: 'axis', renderMode: 'richText' },
        grid: { left: 8, right: 40, bottom: 8, top: 40, containLabel: true },
        xAxis: { type: 'value', minInterval: 1,
                 axisLabel: { color: soft },
                 splitLine: { lineStyle: { color: line } } },
        yAxis: { type: 'category', data: best.map((r) => r.name),
                 axisLabel: { color: soft, width: 150,
                              overflow: 'truncate' } },
        series: [{ type: 'bar', name: texts['came'] ?? '', barMaxWidth: 22,
                   data: best.map((r) => r.came),
                   label: { show: true, position: 'right', color: soft } }]
    };
}


function draw(box: HTMLElement, table: HTMLTableElement): void {
    const all = rows(table, box.dataset);

    if (!all.some((r) => r.held > 0 || r.came > 0)) {
        return;
    }

    const order = box.dataset['by'] === 'month'
        ? [...all].sort((a, b) => a.name.localeCompare(b.name)) : all;
    const kinds = [() => both(order.slice(0, MOST), box.dataset)];

    if (box.dataset['by'] !== 'month') {
        kinds.push(() => top(all, box.dataset));
    }

    box.hidden = false;

    const charts = kinds.map((make) => {
        const place = box.appendChild(document.createElement('div'));
        const chart = init(place, null, { renderer: 'svg', locale: 'ZH' });

        chart.setOption(make());

        return { chart, make };
    });

    window.addEventListener('resize', () =>
        charts.forEach(({ chart }) => chart.resize()));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () =>
        charts.forEach(({ chart, make }) => chart.setOption(make())));
}


const box = document.getElementById('charts');
const table = document.getElementById('figures');

if (box && table instanceof HTMLTableElement) {
    try {
        draw(box, table);

    } catch (error) {
        box.hidden = true;
        throw error;
    }
}
