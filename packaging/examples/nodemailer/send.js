#!/usr/bin/env node
// SPDX-License-Identifier: BSD-2-Clause
// Nodemailer: what goes wrong, and the cure at the source.
//
//     send.js broken|cured
//
// Each message goes to NAME@example.net, to the server in MAIL_HOST and MAIL_PORT.
'use strict';

const nodemailer = require('nodemailer');

const now = new Date();
const orders = Array.from({ length: 60 }, (_, n) => ({ order: 4700 + n, customer: 'c' + n }));

function messageTo(name, more) {
    return {
        from: 'shop@example.com',
        to: name + '@example.net',
        subject: 'Ihre Bestellung für März',
        text: 'Grüße aus Köln\n',
        ...more
    };
}

const cases = {
    // A string is sent as it is given, and ISO 8601 is no date of a message.
    date: {
        broken: () => messageTo('date', { date: now.toISOString() }),
        cured: () => messageTo('date', { date: now })
    },
    // JSON has no blank, so that the field cannot be folded: one line of any length.
    'json-header': {
        broken: () => messageTo('json-header', { headers: { 'X-Orders': {
            prepared: true, foldLines: true, value: JSON.stringify(orders)
        } } }),
        cured: () => messageTo('json-header', { headers: { 'X-Orders': {
            prepared: true, foldLines: true,
            value: JSON.stringify(orders, null, 1).replace(/\n\s*/g, ' ')
        } } })
    },
    // What is given as raw is not looked at.
    raw: {
        broken: () => ({
            envelope: { from: 'shop@example.com', to: 'raw@example.net' },
            raw: 'From: shop@example.com\nTo: raw@example.net\nSubject: Ihre Bestellung für März\n\nGrüße\n'
        }),
        cured: () => messageTo('raw', { text: 'Grüße\n' })
    }
};

async function main() {
    const how = process.argv[2];

    if (!['broken', 'cured'].includes(how)) {
        throw new Error('send.js broken|cured');
    }
    const transport = nodemailer.createTransport({
        host: process.env.MAIL_HOST,
        port: Number(process.env.MAIL_PORT),
        secure: false
    });
    for (const one of Object.values(cases)) {
        await transport.sendMail(one[how]());
    }
}

main().catch(error => {
    console.error(error.message);
    process.exitCode = 1;
});
